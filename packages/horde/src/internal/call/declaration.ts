/**
 * An endpoint described as plain data: its request, its replies, its rate limits and its effect on a job.
 *
 * The client call, the rate limiter, the follow-up and the embedded horde all read the same declaration.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as HordeError from "../../HordeError.js"
import type { Kind } from "../jobs/ticket.js"
import type { RequestIdentity } from "../schema/identity.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/**
 * The fields of a path or a query, by name. In a query they may be optional.
 *
 * @since 0.1.0
 * @category models
 */
export type Fields = { readonly [name: string]: Schema.Schema.AnyNoContext | Schema.PropertySignature.All }

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
  /** The higher maximum of callers that the server trusts. */
  readonly raised?: number
  readonly per: Duration.DurationInput
  readonly key: "path" | "endpoint" | "apiKey"
}

/**
 * The window of routes that publish no limits: 90 requests per minute, for all ids and methods of the route together.
 *
 * @since 0.1.0
 * @category models
 */
export const defaultLimits: ReadonlyArray<Limit> = [{ max: 90, per: "1 minute", key: "endpoint" }]

/**
 * How the request of a submit is compared with the request that the server reports for a job, to find the job of a
 * submit whose reply was lost.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface RequestRule extends RequestIdentity {
  /** The value that the server reports for a field, if it differs from the value that was sent. */
  readonly reported?: (name: string, value: unknown) => unknown
  /** The fields of a request that the server may change. Nested fields have dotted names. */
  readonly changeable?: (request: { readonly [name: string]: unknown }) => ReadonlyArray<string>
}

/**
 * How an abandoned job is cancelled.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface CancelRule {
  readonly job: Kind
  /** The endpoint that cancels a job. Its path ends in `:id`, or its body has the id: then there is `cancelBody`. */
  readonly cancel: Declaration
  /** The body of the cancel of a job. */
  readonly cancelBody?: (id: string) => object
  /** Whether this refusal of a cancel means that the job has ended, besides the 404 `RequestNotFound`. */
  readonly isEndedBy?: (refusal: HordeError.CallError) => boolean
  /** `false` if no other process can continue such a job: recovery cancels it instead. */
  readonly isResumable?: false
  /** How the request of a submit is recognised if its reply was lost. */
  readonly request?: RequestRule
}

/**
 * A call of this endpoint starts a job: `id` reads the job's id from the reply.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Starts extends CancelRule {
  readonly _tag: "Starts"
  readonly id: (reply: never) => string
  readonly request: RequestRule
}

/**
 * A reply of this endpoint settles the job of its path parameter `id` if `isOver` is true.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Settles {
  readonly _tag: "Settles"
  readonly job: Kind
  readonly isOver: (reply: never) => boolean
  /** The number of results that no worker has started yet. */
  readonly waiting: (reply: never) => number
}

/**
 * A successful call of this endpoint cancels the job of its path parameter `id`, which settles it.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Cancels {
  readonly _tag: "Cancels"
  readonly job: Kind
}

/**
 * The effect of a call on the life cycle of a job.
 *
 * @since 0.1.0
 * @category follow-up
 */
export type FollowUpRule = Starts | Settles | Cancels

/**
 * What an endpoint is declared with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly method: Method
  /** The path template below the base URL, such as `/v2/sharedkeys/:id`. */
  readonly path: `/${string}`
  /** The path parameters: one for each `:name`. */
  readonly params?: Fields
  /** The query parameters. */
  readonly query?: Fields
  /** The JSON body. */
  readonly payload?: Schema.Schema.AnyNoContext
  /** The schemas of successful replies, by status. */
  readonly success: { readonly [status: number]: Schema.Schema.AnyNoContext }
  /** The errors of this endpoint, besides those of every endpoint. */
  readonly error: ReadonlyArray<abstract new (...args: never) => HordeError.Refusal>
  /** Whether the API key is sent. With `none` the key is never sent. */
  readonly apiKey: "required" | "optional" | "none"
  /** Whether the call may be retried after its reply was lost. `false` if a call creates something. */
  readonly idempotent: boolean
  /**
   * Whether calls carry an `Idempotency-Key`, with which the server carries out a repeated call only once: such a call is
   * then retried like one that is `idempotent`. In browsers, which cannot send the header, it is not.
   */
  readonly idempotencyKey?: boolean
  /** Whether a service account can send the call for one of its users; see `HordeClient.withProxiedFor`. */
  readonly proxiedFor?: boolean
  /** The published windows; empty if the route is exempt. {@link defaultLimits} by default. */
  readonly limits?: ReadonlyArray<Limit>
  /** The number of results that a call requests. One by default. */
  readonly resultsExpected?: (payload: never) => number
  /** The meaning of a status on this route, if the server's message is misleading. */
  readonly hints?: { readonly [status: number]: string }
  /** The effect of a call on the life cycle of a job. */
  readonly followUp?: FollowUpRule
}

/**
 * The declaration of an endpoint, with its limits.
 *
 * @since 0.1.0
 * @category models
 */
export interface Declaration extends Options {
  readonly limits: ReadonlyArray<Limit>
}

/**
 * Effects that run around each attempt of a call.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallHooks {
  /** Runs directly before each attempt is sent. If it fails, nothing is sent and the call fails with its error. */
  readonly beforeSend: Effect.Effect<void, HordeError.JournalFailed>
  /** Runs after a failed attempt, before the wait for the next one. */
  readonly onFailedAttempt: Effect.Effect<void>
}

/**
 * A call whose request is encoded. It holds ids, and must not be logged.
 *
 * @since 0.1.0
 * @category models
 */
export interface PreparedCall {
  /** The endpoint, such as `SharedKeys/Get`. */
  readonly name: string
  /** The endpoint's declaration; `idempotent` is true as well if the call has an idempotency key. */
  readonly declaration: Declaration
  /** The concrete path and query, every segment percent-encoded. */
  readonly path: string
  /** The encoded payload. */
  readonly payload: unknown
  /** The JSON body. */
  readonly body: string | undefined
  /** Headers of this call, besides those of every call. */
  readonly headers?: { readonly [name: string]: string }
  /** The number of results that it requests. */
  readonly results: number
  /** Ids, prompts and addresses of this call. They are masked in the server's messages. */
  readonly secrets: () => ReadonlyArray<string>
}
