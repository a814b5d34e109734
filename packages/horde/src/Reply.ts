/**
 * What came back besides the value: status, headers, rate limit, time of receipt.
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
  /** What the body says; `undefined` where it is not JSON. */
  readonly json: unknown
  /** Whether the whole body came; a part is kept only of the answer to a call that creates something. */
  readonly isWhole: boolean
}

/**
 * The server's word on the window with the fewest seconds, which it sends along with nearly every reply.
 *
 * @since 0.1.0
 * @category models
 */
export interface RateLimitState {
  /** How many requests the window holds. */
  readonly limit: number
  /** How many are left in it. */
  readonly remaining: number
  /** When it ends. */
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
  /** Absent where the route is exempt, or the headers cannot be read (in a browser they never can). */
  readonly rateLimit: Option.Option<RateLimitState>
  readonly receivedAt: DateTime.Utc
}

/**
 * Holds the receipt of the last reply, while the program requests it.
 *
 * @since 0.1.0
 * @category references
 */
export class CurrentReceipt extends Context.Reference<CurrentReceipt>()("effect-horde/CurrentReceipt", {
  defaultValue: (): Option.Option<{ last: Option.Option<Receipt> }> => Option.none()
}) {}
