/**
 * Styles of images and of texts: list, create, get by id or by name, modify and delete.
 */
import * as Styles from "effect-horde/Styles"
import { required, requiredKey } from "../http/arguments.js"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import { queryText } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Endpoint, Handler, Route, RouteContext } from "../http/route.js"
import { imageStyles } from "../kinds/image/style.js"
import { textStyles } from "../kinds/text/style.js"
import * as Account from "../state/account.js"
import * as AccountDetails from "../state/accountDetails.js"
import { internalError, refuse, refuseRequest } from "../state/refusal.js"
import type { Style } from "../state/style.js"
import * as Content from "../styles/content.js"
import { styleDetails } from "../styles/details.js"
import * as Find from "../styles/find.js"
import type { StyleKind } from "../styles/kind.js"
import { page } from "../styles/lists.js"
import * as Permissions from "../styles/permissions.js"
import { callerOf, checkOwnerOrModerator } from "./callers.js"

const show = ({ incoming, world }: RouteContext, kind: StyleKind, style: Style): unknown =>
  styleDetails(world, kind, style, incoming.headers["apikey"])

/** The style in the path. */
const find = ({ params, world }: RouteContext, kind: StyleKind, rc: string): Style => {
  const style = Find.styleById(world, params["id"] ?? "") ?? refuse(404, rc, "There is no style with this id")
  return style.type === kind.type ? style : refuseRequest(`This style is for another kind: ${style.type}`)
}

const list =
  (kind: StyleKind): Handler =>
  (context) => {
    const { incoming, world } = context
    const tag = queryText(incoming, "tag")
    const model = queryText(incoming, "model")
    const styles = [...world.styles.values()].filter(
      ({ content: { isPublic, models, tags }, type }) =>
        type === kind.type &&
        isPublic &&
        (tag === undefined || tags.includes(tag)) &&
        (model === undefined || models.includes(model))
    )
    const shown = page(incoming, styles).map((style) => styleDetails(world, kind, style, undefined))
    return maskedJson(incoming, 200, shown)
  }

/** Like on the real server, only the replies about image styles have warnings. */
const modified = (context: RouteContext, { type }: StyleKind, { id }: Style): Answer =>
  maskedJson(context.incoming, 200, type === "image" ? { id, message: "OK", warnings: [] } : { id, message: "OK" })

const create =
  (kind: StyleKind): Handler =>
  (context) => {
    const { incoming, world } = context
    const body = validBody(incoming, kind.checks.create)
    requiredKey(incoming)
    const content = Content.newContent(world, kind, required("name", body.name), body)
    const owner = callerOf(context)
    if (!Account.isTrusted(owner) && !owner.roles.has("customizer")) {
      refuse(403, "StylesRequiresCustomizer", "Only trusted accounts and customizers can create styles")
    }
    Permissions.refuseAnonymous(owner)
    Permissions.refuseDeleted(owner)
    Content.checkContent(world, kind, owner, content, undefined)
    const style: Style = { id: world.uuid(), type: kind.type, owner, content, examples: new Map(), useCount: 0 }
    world.styles.set(style.id, style)
    AccountDetails.invalidate(world, owner)
    return modified(context, kind, style)
  }

const get =
  (kind: StyleKind): Handler =>
  (context) => {
    const rc = kind.type === "image" ? "Image styleNotFound" : "Text styleNotFound"
    return maskedJson(context.incoming, 200, show(context, kind, find(context, kind, rc)))
  }

const getByName =
  (kind: StyleKind): Handler =>
  (context) => {
    const style = Find.styleByName(context.world, context.params["name"] ?? "", kind.type)
    if (style?.type !== kind.type) return refuse(404, "StyleNotFound", "There is no style with this name")
    return maskedJson(context.incoming, 200, show(context, kind, style))
  }

const modify =
  (kind: StyleKind): Handler =>
  (context) => {
    const { incoming, world } = context
    const body = validBody(incoming, kind.checks.modify)
    requiredKey(incoming)
    const isNewer = world.isNewer
    if (!isNewer) required("name", body.name)
    const owner = callerOf(context)
    const style = find(context, kind, "StyleNotFound")
    Permissions.checkOwner(owner, style.owner)
    // The real server 5.1.5 refuses every shared key here, and fails on every change of a text style.
    if (!isNewer && body.sharedkey !== undefined) refuseRequest("The shared key could not be read")
    const content = Content.changedContent(world, kind, style, body)
    Content.checkContent(world, kind, owner, content, style)
    if (!isNewer && kind.type === "text") internalError()
    style.content = content
    return modified(context, kind, style)
  }

const remove =
  (kind: StyleKind): Handler =>
  (context) => {
    const { incoming, world } = context
    const caller = callerOf(context)
    Permissions.refuseAnonymous(caller)
    const style = find(context, kind, "StyleNotFound")
    checkOwnerOrModerator(caller, style.owner, "Forbidden")
    world.styles.delete(style.id)
    AccountDetails.invalidate(world, style.owner)
    return ok(incoming)
  }

/** The endpoints of one type of styles. */
interface StyleEndpoints {
  readonly list: Endpoint
  readonly create: Endpoint
  readonly get: Endpoint
  readonly getByName: Endpoint
  readonly modify: Endpoint
  readonly remove: Endpoint
}

const routesOf = (kind: StyleKind, endpoints: StyleEndpoints): ReadonlyArray<Route> => {
  const details = { cachedFor: "30 seconds", cachedBy: "apiKey" } as const
  return [
    {
      endpoint: endpoints.list,
      handler: list(kind),
      cachedFor: kind.type === "image" ? "30 seconds" : "1 second",
      cachedBy: "query"
    },
    { endpoint: endpoints.create, handler: create(kind) },
    { endpoint: endpoints.get, handler: get(kind), ...details },
    { endpoint: endpoints.modify, handler: modify(kind) },
    { endpoint: endpoints.remove, handler: remove(kind) },
    { endpoint: endpoints.getByName, handler: getByName(kind), ...details }
  ]
}

const imageEndpoints: StyleEndpoints = {
  list: Styles.ListImage.declaration,
  create: Styles.CreateImage.declaration,
  get: Styles.GetImage.declaration,
  getByName: Styles.GetImageByName.declaration,
  modify: Styles.ModifyImage.declaration,
  remove: Styles.DeleteImage.declaration
}

const textEndpoints: StyleEndpoints = {
  list: Styles.ListText.declaration,
  create: Styles.CreateText.declaration,
  get: Styles.GetText.declaration,
  getByName: Styles.GetTextByName.declaration,
  modify: Styles.ModifyText.declaration,
  remove: Styles.DeleteText.declaration
}

export const styles: ReadonlyArray<Route> = [
  ...routesOf(imageStyles, imageEndpoints),
  ...routesOf(textStyles, textEndpoints)
]
