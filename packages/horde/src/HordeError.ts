/**
 * Every error of the library: one tag for each case that a caller can handle differently.
 *
 * All of them share one {@link TypeId} and the members of {@link Shape}; none ever holds the raw request or response,
 * and keys and ids of the request are masked in the server's messages.
 *
 * The errors of jobs, which carry partial results, are declared in `JobError` and exported here as well.
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
   * Whether the reply did not come from the horde, but from something in between: a proxy's page, a captive portal, a
   * redirect, an empty body. It says nothing about the call then.
   */
  fromGateway: Schema.optional(Schema.Boolean)
}

/** Absent without a reply; declared so that all errors have one shape. */
const withoutReply = { rc: Schema.optional(Schema.Undefined), retryAfter: Schema.optional(Schema.Undefined) }

const FieldErrors = Schema.Record({ key: Schema.String, value: Schema.String })

/**
 * Refused before anything was sent. `errors` names each field (`payload.params.width`) with the rule it broke, never
 * with the value.
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
 * 400: the server refused the request. `rc` says why; a failed validation has no `rc`, but `errors` by field.
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
 * 401: no account has this API key, or no shared key has this id (the server answers an unknown shared key with 401,
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
 * 403: the account may not do this. With `rc` `TimeoutIP` the caller's IP is in a time-out, and `retryAfter` holds what
 * is left of it, where the server said so.
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
 * 403: a matter of kudos. The account's own (`KudosUpfront`), or the shared key is empty, expired, short of budget or
 * bound to a style (`SharedKeyEmpty`, `SharedKeyExpired`, `SharedKeyInsufficientKudos`, `SharedKeyAssignedStyles`).
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
 * 404 with a code: what was asked for is not there, or not any more.
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
 * 429 from the server's limiter, after the retries were used up. `retryAfter` says when the window ends, where it can be
 * read (a browser sees no such header).
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
 * 429 `TooManyPrompts`: the account has as many pictures waiting as it may. Time alone does not help; a worker has to
 * take some of them, or some have to be cancelled.
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
 * The horde is in maintenance and takes no new jobs (400 `MaintenanceMode` on the wire).
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
 * 5xx: the server, or a proxy before it, failed. For a call that creates something this is only given where the server
 * itself answered; otherwise the outcome is unknown.
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
 * A reply that the endpoint does not declare, or that does not decode: an unknown status, a page where JSON was
 * expected, a required field that is missing, a body above the size limit. Retryable where something in between
 * answered instead of the horde (`fromGateway`); if that persists, the base URL may be wrong.
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
 * The connection failed. `NotSent`: it never came about (refused, unknown host). `Lost`: it broke before the reply was
 * whole. `TimedOut`: it timed out before the full reply arrived.
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
 * The journal of jobs cannot be read or written (`Unavailable`: a full disk, say), or another program has taken this
 * one's jobs over because it gave no sign of life for too long (`NotMine`). A job that cannot be written down is not
 * submitted: then `method` and `path` are those of the submit. Otherwise they say what was done to the journal.
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
 * What a reply of status 400 or more becomes.
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
  | RateLimited
  | TooManyJobs
  | Maintenance
  | ServerError
  | UnexpectedResponse

/**
 * Every error that a single call can end with.
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
