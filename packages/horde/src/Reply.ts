/**
 * Replies of the server, and their receipts: status, headers, rate limit, time of receipt.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"

/**
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly status: number
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  /** The parsed body; `undefined` if it is not JSON. */
  readonly json: unknown
  /** Whether the body is complete. An incomplete one is kept only for calls that create something. */
  readonly isWhole: boolean
}

/**
 * The state of the shortest rate limit window, which the server sends with most replies.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimitState {
  /** The maximum number of requests in the window. */
  readonly limit: number
  /** The number of remaining requests. */
  readonly remaining: number
  /** The end of the window. */
  readonly resetsAt: DateTime.Utc
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Receipt {
  readonly status: number
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string }
  /** Absent if the route is exempt, or the headers cannot be read (as in browsers). */
  readonly rateLimit: Option.Option<RateLimitState>
  readonly receivedAt: DateTime.Utc
}

/**
 * Stores the receipt of the last reply for `Endpoint.withReply`.
 *
 * @since 0.1.0
 * @category references
 */
export class CurrentReceipt extends Context.Reference<CurrentReceipt>()("effect-horde/CurrentReceipt", {
  defaultValue: (): Option.Option<{ last: Option.Option<Receipt> }> => Option.none()
}) {}
