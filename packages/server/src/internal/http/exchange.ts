/**
 * From a request to a reply: routes, limits, scripted faults, the headers that every reply carries, and the record.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { anonymousKey } from "../../Accounts.js"
import * as Rules from "../faults/rules.js"
import { submit as deliver } from "../kinds/image/delivery.js"
import { submit } from "../kinds/image/submission.js"
import { submitted } from "../kinds/image/submittedView.js"
import { pop } from "../kinds/image/workerPayload.js"
import * as Python from "../python/values.js"
import * as ImageStatus from "../routes/images.js"
import { transfer } from "../routes/kudos.js"
import * as Store from "../routes/pictureStore.js"
import * as SharedKeys from "../routes/sharedKeys.js"
import * as Users from "../routes/users.js"
import * as Ledger from "../state/requestLog.js"
import type { World } from "../state/world.js"
import type { RouteContext } from "./context.js"
import * as Cors from "./cors.js"
import type { Limiter } from "./limiter.js"
import { type Answer, html, type Incoming, json, Refusal, type Reply } from "./reply.js"
import * as Routes from "./router.js"

type Handler = (context: RouteContext) => Answer

const heartbeat: Handler = ({ world }) =>
  json(200, {
    message: "OK",
    version: "5.1.5",
    queue: 0,
    threads: 1,
    active_count: world.live.size,
    db_connection: true
  })

const handlers: Readonly<Record<Routes.RouteName, Handler>> = {
  sharedKeyCreate: SharedKeys.create,
  sharedKeyGet: SharedKeys.get,
  sharedKeyModify: SharedKeys.modify,
  sharedKeyDelete: SharedKeys.remove,
  imageSubmit: submit,
  imageCheck: ImageStatus.check,
  imageStatus: ImageStatus.get,
  imageCancel: ImageStatus.cancel,
  imageSubmitted: submitted,
  imagePop: pop,
  imageDeliver: deliver,
  findUser: Users.find,
  user: Users.get,
  kudosTransfer: transfer,
  heartbeat
}

/** How long a successful reply stands for all who ask for the same path, whatever their headers. */
const remembered: { readonly [Name in Routes.RouteName]?: number } = { sharedKeyGet: 60_000, imageCheck: 1000 }

const perform = (context: RouteContext, route: Routes.Route): Answer => {
  const { incoming, world } = context
  const time = remembered[route.name]
  const known = time === undefined ? undefined : world.replies.get(incoming.path, world.now)
  if (known !== undefined) return known
  try {
    const answer = handlers[route.name](context)
    if (time !== undefined) world.replies.set(incoming.path, answer, world.now + time)
    return answer
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, error.body)
    throw error
  }
}

const allowed = (routes: ReadonlyArray<Routes.Route>): string => {
  const methods = routes.map((route) => route.method)
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ")
}

/** The page of the real server's framework, word for word: a client tells by it that the server lacks a path. */
const nowhere = html(
  404,
  "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
)

const onRoute = (context: RouteContext, limiter: Limiter, matched: Routes.Matched): Answer => {
  const { incoming, world } = context
  const { method } = incoming
  const wanted = method === "HEAD" ? "GET" : method
  const route = matched.routes.find((route) => route.method === wanted)
  const allow = allowed(matched.routes)
  if (method === "OPTIONS") return Cors.preflight(allow)
  if (route === undefined) return json(405, { message: "This method is not allowed for this address" }, { allow })
  const apiKey = incoming.headers["apikey"] ?? anonymousKey
  const limits = Routes.limitsFor(route, {
    trusted: world.settings.raisedLimits || (world.trustedUntil.get(incoming.ip) ?? 0) > world.now,
    anonymous: apiKey === anonymousKey
  })
  const caller = { ip: incoming.ip, apiKey, method, path: incoming.path, template: matched.template }
  const ruling = limiter.take(limits, caller, world.now)
  const answer = ruling.refused === undefined ? perform(context, route) : json(429, { message: ruling.refused })
  return { ...answer, headers: { ...answer.headers, ...ruling.headers }, body: method === "HEAD" ? "" : answer.body }
}

/** Where a request leads to. */
interface Target {
  readonly route: Routes.Matched | undefined
  readonly store: Store.Matched | undefined
}

const templateOf = ({ route, store }: Target): string | undefined => route?.template ?? store?.template

const answer = (context: RouteContext, limiter: Limiter, { route, store }: Target): Answer => {
  const { incoming, world } = context
  if (incoming.isTooLarge) return json(413, { message: "The request body is larger than this server accepts" })
  if (route !== undefined) return onRoute(context, limiter, route)
  if (store !== undefined) return Store.answer(world, incoming, store)
  if (incoming.path !== Ledger.path) return nowhere
  if (incoming.method === "OPTIONS") return Cors.preflight("GET, HEAD, OPTIONS")
  return json(200, { exchanges: Ledger.exchanges(world), jobs: Ledger.jobs(world) })
}

const everywhere = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...Cors.headers, "horde-node": "127.0.0.1:embedded:5.1.5", ...answer.headers }
})

/** A job is recorded under the form of its id that the server gave out, whatever form the caller sent. */
const jobIdOf = ({ params: { id } }: Routes.Matched): string | undefined =>
  id === undefined ? undefined : (Python.uuid(id) ?? id)

/** No answer at all. */
const silence: Answer = { status: 0, headers: {}, body: "" }

/** Acts on a request as a scripted fault will have it, and writes it down. */
const settle = (
  world: World,
  limiter: Limiter,
  incoming: Incoming,
  target: Target,
  action: Rules.Verdict["action"],
  at: number
): Reply => {
  const context: RouteContext = {
    world,
    incoming,
    params: target.route?.params ?? {},
    requestId: target.route?.template.startsWith("/v2/generate/") === true ? jobIdOf(target.route) : undefined
  }
  const route = templateOf(target)
  const act = (): Answer => everywhere(answer(context, limiter, target))
  const write = (reply: Reply): Reply => {
    const status = reply.status === 0 ? undefined : reply.status
    Ledger.write(world, { context, route, at, status, delivery: reply.delivery })
    return reply
  }
  switch (action?._tag) {
    case undefined:
      return write({ ...act(), delivery: "whole" })
    case "Refuse":
      return { ...silence, delivery: "refused" }
    case "Truncate":
      return write({ ...act(), delivery: "truncated" })
    case "Reset":
      return action.when === "before"
        ? write({ ...silence, delivery: "reset" })
        : write({ ...act(), delivery: "reset" })
    case "Hang": {
      if (action.when === "before") return write({ ...silence, delivery: "hangingSilent" })
      return write({ ...act(), delivery: action.sends === "half" ? "hangingHalf" : "hangingSilent" })
    }
    case "Respond": {
      if (action.when === "after") act()
      const { body, contentType, headers, status } = action.response
      const type = contentType ?? "text/html; charset=utf-8"
      return write({ status, headers: { "content-type": type, ...headers }, body: body ?? "", delivery: "whole" })
    }
  }
}

/**
 * Answers one request at the time of the caller's clock. Where a rule makes it late, the server goes on with it even if
 * the caller is gone: what was sent was sent.
 */
export const handle = (world: World, limiter: Limiter, incoming: Incoming): Effect.Effect<Reply> =>
  Effect.flatMap(Clock.currentTimeMillis, (at) => {
    world.advance(at)
    const route = Routes.match(incoming.path, { isNew: world.settings.tellsRequests })
    const target = { route, store: Store.match(incoming.path) }
    const { action, delays } = Rules.forRequest(world, { ...incoming, route: templateOf(target) })
    const process = Effect.map(Clock.currentTimeMillis, (now) => {
      world.advance(now)
      return settle(world, limiter, incoming, target, action, at)
    })
    if (delays.length === 0) return process
    const delay = delays.reduce<Duration.Duration>((sum, next) => Duration.sum(sum, next), Duration.zero)
    return Effect.flatMap(Effect.forkDaemon(Effect.delay(process, delay)), Fiber.join)
  })
