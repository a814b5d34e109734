/**
 * Every error of the library: one tag for each case that a caller can handle differently.
 *
 * All errors share one {@link TypeId} and the members of {@link Shape}. No error contains the raw request or response,
 * and the keys and ids of the request are masked in the server's messages. The errors of jobs contain partial results.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import {
  DownloadFailed,
  JobCancelled,
  type JobError,
  JobExpired,
  JobFaulted,
  JobImpossible,
  JobTimedOut
} from "./internal/errors/jobErrors.js"
import { identify, type Shape, TypeId } from "./internal/errors/shape.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import type { KnownRc } from "./Rc.js"

export type { JobError } from "./internal/errors/jobErrors.js"
export {
  DownloadFailed,
  JobCancelled,
  JobExpired,
  JobFaulted,
  JobImpossible,
  JobTimedOut
} from "./internal/errors/jobErrors.js"
export type {
  /**
   * The members that every error of the library has.
   *
   * @since 0.1.0
   * @category models
   */
  Shape
} from "./internal/errors/shape.js"
export {
  /**
   * The type id of all errors of the library, which {@link isHordeError} checks.
   *
   * @since 0.1.0
   * @category type ids
   */
  TypeId
} from "./internal/errors/shape.js"

/**
 * @since 0.1.0
 * @category guards
 */
export const isHordeError = (u: unknown): u is Shape => Predicate.hasProperty(u, TypeId)

const where = { message: Schema.String, method: Schema.String, path: Schema.String }

const refusal = {
  ...where,
  status: Schema.Number,
  rc: Schema.optional(openEnum<OpenEnum<KnownRc>>()),
  retryAfter: Schema.optional(Schema.DurationFromMillis),
  /**
   * Whether the reply came from a gateway instead of the horde: the page of a proxy, a captive portal, a redirect, an
   * empty body. It does not tell whether the horde received the call.
   */
  fromGateway: Schema.optional(Schema.Boolean)
}

/** Absent without a reply; declared so that all errors have one shape. */
const withoutReply = { rc: Schema.optional(Schema.Undefined), retryAfter: Schema.optional(Schema.Undefined) }

const FieldErrors = Schema.Record({ key: Schema.String, value: Schema.String })

/**
 * The request is invalid, and nothing was sent. `errors` has the violated rule of each invalid field, such as
 * `payload.params.width`, and never its value.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>("effect-horde/InvalidRequest")(
  "InvalidRequest",
  { ...where, ...withoutReply, errors: FieldErrors, status: Schema.optional(Schema.Undefined) }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * 400: the server refused the request. `rc` is the reason. A failed validation has `errors` by field instead of `rc`.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequest extends Schema.TaggedError<BadRequest>("effect-horde/BadRequest")("BadRequest", {
  ...refusal,
  errors: Schema.optional(FieldErrors)
}) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * 401: no account has this API key, or no shared key has this id (the server replies to an unknown shared key with 401,
 * not with 404).
 *
 * @since 0.1.0
 * @category errors
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>("effect-horde/Unauthorized")(
  "Unauthorized",
  refusal
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * 403: the account has no permission. With `rc` `TimeoutIP` the server blocks the caller's IP address for a while;
 * `retryAfter` is the rest of that time, if the server reports it.
 *
 * @since 0.1.0
 * @category errors
 */
export class Forbidden extends Schema.TaggedError<Forbidden>("effect-horde/Forbidden")("Forbidden", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return this.rc === "TimeoutIP"
  }
}

/**
 * 403: the kudos do not suffice. Either the account has too few (`KudosUpfront`), or the shared key is used up,
 * expired, below the price or bound to a style (`SharedKeyEmpty`, `SharedKeyExpired`, `SharedKeyInsufficientKudos`,
 * `SharedKeyAssignedStyles`).
 *
 * @since 0.1.0
 * @category errors
 */
export class KudosRefused extends Schema.TaggedError<KudosRefused>("effect-horde/KudosRefused")(
  "KudosRefused",
  refusal
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * 404 with a code: the requested resource does not exist (any more).
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFound extends Schema.TaggedError<NotFound>("effect-horde/NotFound")("NotFound", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * 423: the resource is still in use. A worker that has delivered results can be deleted when the jobs of these results
 * have expired, about 20 minutes later.
 *
 * @since 0.1.0
 * @category errors
 */
export class Locked extends Schema.TaggedError<Locked>("effect-horde/Locked")("Locked", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * 429 from the server's limiter, after the last retry. `retryAfter` is the rest of the window, if it is known (browsers
 * hide that header).
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimited extends Schema.TaggedError<RateLimited>("effect-horde/RateLimited")("RateLimited", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * 429 `TooManyPrompts`: the account has the maximum number of waiting results. A submit succeeds again when workers
 * have started some of them, or jobs are cancelled.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyJobs extends Schema.TaggedError<TooManyJobs>("effect-horde/TooManyJobs")("TooManyJobs", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * 400 `MaintenanceMode`: the horde is in maintenance and accepts no new jobs.
 *
 * @since 0.1.0
 * @category errors
 */
export class Maintenance extends Schema.TaggedError<Maintenance>("effect-horde/Maintenance")("Maintenance", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * 5xx: the server or a gateway failed. A call that creates something has this error only if the horde itself replied;
 * otherwise it fails with {@link OutcomeUnknown}.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServerError extends Schema.TaggedError<ServerError>("effect-horde/ServerError")("ServerError", refusal) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * A reply that the endpoint does not declare, or that cannot be decoded: an unknown status, a page instead of JSON, a
 * missing required field, a body above the size limit. Retryable if a gateway replied (`fromGateway`); if that
 * persists, the base URL may be wrong.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnexpectedResponse extends Schema.TaggedError<UnexpectedResponse>("effect-horde/UnexpectedResponse")(
  "UnexpectedResponse",
  refusal
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return this.fromGateway === true
  }
}

/**
 * The connection failed. `NotSent`: it could not be established (refused, unknown host). `Lost`: it broke before the
 * full reply arrived. `TimedOut`: the call timed out before the full reply arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>("effect-horde/TransportError")(
  "TransportError",
  {
    ...where,
    ...withoutReply,
    reason: Schema.Literal("NotSent", "Lost", "TimedOut"),
    status: Schema.optional(Schema.Undefined)
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * A call that creates something was sent, and its reply was lost: it is unknown whether the server carried it out. The
 * library never retries it, because a retry may create a second paid job or a second key.
 *
 * @since 0.1.0
 * @category errors
 */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>("effect-horde/OutcomeUnknown")(
  "OutcomeUnknown",
  { ...where, ...withoutReply, status: Schema.optional(Schema.Number) }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * The journal of jobs cannot be read or written (`Unavailable`, such as for a full disk), or another program has taken
 * over the jobs of this one because its lease expired (`NotMine`). A job whose entry cannot be written is not
 * submitted: `method` and `path` are then those of the submit. Otherwise they name the failed operation of the journal.
 *
 * @since 0.1.0
 * @category errors
 */
export class JournalFailed extends Schema.TaggedError<JournalFailed>("effect-horde/JournalFailed")("JournalFailed", {
  ...where,
  ...withoutReply,
  reason: Schema.Literal("Unavailable", "NotMine"),
  status: Schema.optional(Schema.Undefined)
}) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * The errors of replies with status 400 or more.
 *
 * @since 0.1.0
 * @category errors
 */
export type Refusal =
  | BadRequest
  | Unauthorized
  | Forbidden
  | KudosRefused
  | NotFound
  | Locked
  | RateLimited
  | TooManyJobs
  | Maintenance
  | ServerError
  | UnexpectedResponse

/**
 * Every error of a single call.
 *
 * @since 0.1.0
 * @category errors
 */
export type CallError = InvalidRequest | Refusal | TransportError | OutcomeUnknown | JournalFailed

/**
 * Every error of the library.
 *
 * @since 0.1.0
 * @category errors
 */
export type HordeError = CallError | JobError

/**
 * {@link HordeError} as a schema, for storing errors or sending them on. The encoded form contains a job's ticket in
 * clear, with which anyone can read and cancel the job.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HordeError = /* @__PURE__ */ Schema.Union(
  InvalidRequest,
  BadRequest,
  Unauthorized,
  Forbidden,
  KudosRefused,
  NotFound,
  Locked,
  RateLimited,
  TooManyJobs,
  Maintenance,
  ServerError,
  UnexpectedResponse,
  TransportError,
  OutcomeUnknown,
  JournalFailed,
  JobFaulted,
  JobImpossible,
  JobTimedOut,
  JobExpired,
  JobCancelled,
  DownloadFailed
)
