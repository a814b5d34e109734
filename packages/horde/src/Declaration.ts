/**
 * An endpoint described as plain data: the one place that says how it is called, what it answers, how often it may be
 * asked, and what follows from it.
 *
 * The client call, the rate limiter, the follow-up and the embedded horde all read the same declaration.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type { FollowUpRule } from "./FollowUpRule.js"
import type * as HordeError from "./HordeError.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/**
 * One of the server's published windows: at most `max` requests in each fixed window of length `per`, counted from the
 * first request of the window.
 *
 * - `path` counts the method and the concrete path,
 * - `endpoint` counts the path template: all ids and all verbs together,
 * - `apiKey` counts the API key with the method and the concrete path.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limit {
  readonly max: number
  readonly per: Duration.DurationInput
  readonly key: "path" | "endpoint" | "apiKey"
}

/**
 * The window of routes that publish none of their own: 90 requests a minute, all ids and verbs of the route together.
 *
 * @since 0.1.0
 * @category models
 */
export const defaultLimits: ReadonlyArray<Limit> = [{ max: 90, per: "1 minute", key: "endpoint" }]
