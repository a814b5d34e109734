/**
 * The example pictures of an image style: add, modify and delete.
 */
import * as Styles from "effect-horde/Styles"
import { required, requiredKey } from "../http/arguments.js"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { bool, check, string } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import { internalError, refuse, refuseRequest } from "../state/refusal.js"
import type { Style, StyleExample } from "../state/style.js"
import * as Find from "../styles/find.js"
import { callerOf, checkOwnerOrModerator } from "./callers.js"

interface ExampleBody {
  readonly url?: string
  readonly primary?: boolean
}

const properties = { url: string, primary: bool }

const checkNew = check<ExampleBody>({ type: "object", required: ["url", "primary"], properties })
const checkChange = check<ExampleBody>({ type: "object", properties })

const maxExamples = 4

/** The style in the path, which the caller may change. */
const findStyle = (context: RouteContext): Style => {
  const { params, world } = context
  const caller = callerOf(context)
  const style = Find.styleById(world, params["id"] ?? "") ?? refuse(404, "StyleNotFound", "There is no such style")
  checkOwnerOrModerator(caller, style.owner, "Forbidden")
  return style
}

const findExample = ({ params }: RouteContext, { examples }: Style): StyleExample =>
  examples.get(Python.uuid(params["example"] ?? "") ?? "") ??
  refuse(404, "Style exampleNotFound", "There is no such example")

const checkUrl = ({ examples }: Style, url: string, except: StyleExample | undefined): void => {
  if (!url.startsWith("https://")) refuseRequest("The URL of an example must start with https://")
  if ([...examples.values()].some((example) => example !== except && example.url === url)) {
    refuseRequest("The style already has an example with this URL")
  }
}

/** Makes the example the only primary one. */
const setPrimary = ({ examples }: Style, primary: StyleExample): void => {
  for (const example of examples.values()) example.primary = example === primary
}

/** Like on the real server, there is always one warning, without any content. */
const reply = ({ incoming }: RouteContext, { id }: StyleExample): Answer =>
  maskedJson(incoming, 200, { id, message: "OK", warnings: [{ code: null, message: null }] })

const add = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(incoming, checkNew)
  requiredKey(incoming)
  const url = required("url", body.url)
  const style = findStyle(context)
  if (style.examples.size >= maxExamples) refuse(403, "Forbidden", `A style has at most ${maxExamples} examples`)
  checkUrl(style, url, undefined)
  const isNewer = world.isNewer
  // The real server 5.1.5 fails if there is no other example that was primary before.
  if (body.primary === true && style.examples.size === 0 && !isNewer) internalError()
  const example: StyleExample = { id: world.uuid(), url, primary: false }
  style.examples.set(example.id, example)
  if (body.primary === true) setPrimary(style, example)
  return reply(context, example)
}

const modify = (context: RouteContext): Answer => {
  const { primary, url } = validBody(context.incoming, checkChange)
  const style = findStyle(context)
  const example = findExample(context, style)
  if (url !== undefined) {
    checkUrl(style, url, example)
    example.url = url
  }
  if (primary === true) setPrimary(style, example)
  else example.primary = primary ?? example.primary
  return reply(context, example)
}

const remove = (context: RouteContext): Answer => {
  const { incoming } = context
  const style = findStyle(context)
  style.examples.delete(findExample(context, style).id)
  return ok(incoming)
}

export const styleExamples: ReadonlyArray<Route> = [
  { endpoint: Styles.AddExample.declaration, handler: add },
  { endpoint: Styles.ModifyExample.declaration, handler: modify },
  { endpoint: Styles.DeleteExample.declaration, handler: remove }
]
