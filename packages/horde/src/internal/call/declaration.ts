/**
 * An endpoint described as plain data: the one place that says how it is called, what it answers, how often it may be
 * asked, and what follows from it.
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
  /** What callers get that the server trusts, where that is more. */
  readonly raised?: number
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

/**
 * How a request is compared with what the server reports of a job: a job whose submit got no answer is found by it.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface RequestRule extends RequestIdentity {
  /** The value of a field as the server reports it, where it reports another one than was sent. */
  readonly reported?: (name: string, value: unknown) => unknown
  /** The fields of a request, nested ones with their path, that the server may change. */
  readonly changeable?: (request: { readonly [name: string]: unknown }) => ReadonlyArray<string>
}

/**
 * A call of this endpoint starts a job: `id` reads the job's id from the reply, and `cancel` is the endpoint (its path
 * ends in `:id`) that cancels an abandoned job.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Starts {
  readonly _tag: "Starts"
  readonly job: Kind
  readonly id: (reply: never) => string
  readonly cancel: Declaration
  /** The fingerprint fields by which a request is recognised whose reply was lost. */
  readonly request: RequestRule
}

/**
 * A reply of this endpoint settles the job that it was asked for (path parameter `id`) when `isOver` says so.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Settles {
  readonly _tag: "Settles"
  readonly job: Kind
  readonly isOver: (reply: never) => boolean
  /** How many of the job's results no worker has taken yet. */
  readonly waiting: (reply: never) => number
}

/**
 * A successful call of this endpoint cancels the job that it was asked for (path parameter `id`), which settles it.
 *
 * @since 0.1.0
 * @category follow-up
 */
export interface Cancels {
  readonly _tag: "Cancels"
  readonly job: Kind
}

/**
 * What a call means for the life of a job.
 *
 * @since 0.1.0
 * @category follow-up
 */
export type FollowUpRule = Starts | Settles | Cancels

/**
 * @since 0.1.0
 * @category models
 */
export interface Declaration {
  readonly method: Method
  /** The path template below the base URL, such as `/v2/sharedkeys/:id`. */
  readonly path: `/${string}`
  /** The fields that stand in the path: one for each `:name`. */
  readonly params?: Fields
  /** The fields that stand in the query. */
  readonly query?: Fields
  /** The JSON body. */
  readonly payload?: Schema.Schema.AnyNoContext
  /** What the endpoint answers when it succeeds: the status decides which schema decodes. */
  readonly success: { readonly [status: number]: Schema.Schema.AnyNoContext }
  /** The refusals that this endpoint can give, besides those that every endpoint can. */
  readonly error: ReadonlyArray<abstract new (...args: never) => HordeError.Refusal>
  /** Whether the API key is sent. With `none` the key is never sent. */
  readonly apiKey: "required" | "optional" | "none"
  /** Whether the call may be retried after its reply was lost. `false` if a call creates something. */
  readonly idempotent: boolean
  /** The server's published windows; none where the route is exempt. */
  readonly limits: ReadonlyArray<Limit>
  /** How many results a call of this endpoint asks for; one where it is not said. */
  readonly resultsExpected?: (payload: never) => number
  /** What a status means on this route, where the server's own words mislead. */
  readonly hints?: { readonly [status: number]: string }
  /** What a call means for the life of a job. */
  readonly followUp?: FollowUpRule
}

/**
 * What is to be done around each attempt of a call.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallHooks {
  /** Runs right before each attempt is sent. Where it fails, nothing is sent, and its error is the call's. */
  readonly beforeSend: Effect.Effect<void, HordeError.JournalFailed>
  /** Runs when an attempt has failed, and before the next one waits to be sent. */
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
  readonly declaration: Declaration
  /** The concrete path and query, every segment percent-encoded. */
  readonly path: string
  /** What the JSON body says. */
  readonly payload: unknown
  /** The JSON body. */
  readonly body: string | undefined
  /** How many results it asks for. */
  readonly results: number
  /** Ids, prompts and addresses in this call, masked in the server's messages. */
  readonly secrets: () => ReadonlyArray<string>
}
