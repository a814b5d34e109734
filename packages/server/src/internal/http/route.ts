/**
 * A route: everything that the server knows about one method of one path.
 */
import type * as Duration from "effect/Duration"
import type { Limit, Method } from "effect-horde/Endpoint"
import type { ServerVersion } from "../state/version.js"
import type { World } from "../state/world.js"
import type { Incoming } from "./incoming.js"
import type { Answer } from "./reply.js"

export interface RouteContext {
  readonly world: World
  readonly incoming: Incoming
  /** The values of the `:name` segments, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The job that the request refers to, for the server's record. A handler sets it when it learns the job's id. */
  requestId: string | undefined
}

/** Replies to a request, or throws a `Refusal`. */
export type Handler = (context: RouteContext) => Answer

/** The part of a route that the SDK declares too: `Endpoint.declaration`. */
export interface Endpoint {
  readonly method: Method
  /** The path template, such as `/v2/sharedkeys/:id`. */
  readonly path: string
  readonly limits: ReadonlyArray<Limit>
}

export interface Route {
  readonly endpoint: Endpoint
  readonly handler: Handler
  /** The limits of callers without an API key, if they differ. */
  readonly anonymousLimits?: ReadonlyArray<Limit>
  /** How long a successful reply is cached. The path is the cache key: all callers share it, whatever their headers. */
  readonly cachedFor?: Duration.DurationInput
  /** What the cache key has besides the path. */
  readonly cachedBy?: "query" | "apiKey"
  /** The first server version with this route; every version unless given. */
  readonly since?: ServerVersion
  /** Whether the path parameter `id` is the id of a job, for the server's record. */
  readonly namesJob?: boolean
  /** A literal end of the path after the template, such as a file extension. */
  readonly suffix?: string
  /** Whether the server's record omits the requests of this route. */
  readonly isUnrecorded?: boolean
}

/** Routes with a common prefix of their paths, and a common style of errors. */
export interface RouteGroup {
  readonly prefix: string
  readonly routes: ReadonlyArray<Route>
  /** The reply to a method that a path does not have; `allow` lists those that it has. */
  readonly methodNotAllowed: (allow: string) => Answer
}
