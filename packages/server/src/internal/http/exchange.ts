/**
 * From a request to a reply: routing, methods, rate limits, cached replies, and the headers of every reply.
 */
import * as Duration from "effect/Duration"
import { anonymousKey } from "../../Accounts.js"
import { Cache } from "../state/cache.js"
import { statedIp } from "../state/proxies.js"
import { Refusal } from "../state/refusal.js"
import { recordedVersion } from "../state/version.js"
import type { World } from "../state/world.js"
import * as Cors from "./cors.js"
import type { Incoming } from "./incoming.js"
import { Limiter } from "./limiter.js"
import { type Answer, html, json } from "./reply.js"
import type { Route, RouteContext, RouteGroup } from "./route.js"
import { type Matched, Router } from "./router.js"

/** The HTTP side of a running server. */
export interface Server {
  readonly world: World
  readonly router: Router
  readonly limiter: Limiter
  readonly cache: Cache<Answer>
}

export const makeServer = (world: World, groups: ReadonlyArray<RouteGroup>): Server => ({
  world,
  router: new Router(groups, world.settings.version),
  limiter: new Limiter(),
  cache: new Cache()
})

const cacheKey = ({ headers, path, query }: Incoming, { cachedBy }: Route): string => {
  if (cachedBy === undefined) return path
  return `${path} ${cachedBy === "query" ? query : (headers["apikey"] ?? "")}`
}

/** The reply of a handler, or a cached one. */
const handle = ({ cache, world }: Server, context: RouteContext, route: Route): Answer => {
  const { cachedFor, handler } = route
  try {
    if (cachedFor === undefined) return handler(context)
    const key = cacheKey(context.incoming, route)
    return cache.getOrMake(key, world.now, Duration.toMillis(cachedFor), () => handler(context))
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, error.body)
    throw error
  }
}

/** The limits of a caller. They are raised for 24 hours for an address from which a trusted account submitted a job. */
const limitsFor = (world: World, route: Route, ip: string, apiKey: string): Route["endpoint"]["limits"] => {
  const { limits } = route.endpoint
  const isTrusted = world.settings.raisedLimits || (world.trustedUntil.get(ip) ?? 0) > world.now
  if (isTrusted) return limits.map((limit) => ({ ...limit, max: limit.raised ?? limit.max }))
  return apiKey === anonymousKey ? (route.anonymousLimits ?? limits) : limits
}

const allowed = (routes: ReadonlyArray<Route>): string => {
  const methods = routes.map(({ endpoint }) => endpoint.method)
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ")
}

const onPath = (server: Server, context: RouteContext, { methodNotAllowed, routes, template }: Matched): Answer => {
  const { incoming, world } = context
  const { ip, method, path } = incoming
  const routeMethod = method === "HEAD" ? "GET" : method
  const route = routes.find(({ endpoint }) => endpoint.method === routeMethod)
  if (method === "OPTIONS") return Cors.preflight(allowed(routes))
  if (route === undefined) return methodNotAllowed(allowed(routes))
  const apiKey = incoming.headers["apikey"] ?? anonymousKey
  const caller = { ip, statedIp: statedIp(world, incoming.headers, ip), apiKey, method, path, template }
  const verdict = server.limiter.take(limitsFor(world, route, ip, apiKey), caller, world.now)
  const answer =
    verdict.refused === undefined ? handle(server, context, route) : json(429, { message: verdict.refused })
  return { ...answer, headers: { ...answer.headers, ...verdict.headers }, body: method === "HEAD" ? "" : answer.body }
}

/** The page of the real server's framework, byte for byte: clients recognise by it that the server lacks a path. */
const notFound = html(
  404,
  "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
)

const answer = (server: Server, context: RouteContext, matched: Matched | undefined): Answer => {
  if (context.incoming.isTooLarge) {
    return json(413, { message: "The request body is larger than this server accepts" })
  }
  return matched === undefined ? notFound : onPath(server, context, matched)
}

/** Processes a request, and returns its reply. */
export const respond = (server: Server, context: RouteContext, matched: Matched | undefined): Answer => {
  const { body, headers, status } = answer(server, context, matched)
  return {
    status,
    headers: { ...Cors.headers, "horde-node": `127.0.0.1:embedded:${recordedVersion}`, ...headers },
    body
  }
}
