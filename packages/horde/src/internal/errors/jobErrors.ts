/**
 * The errors of a job. Each error has the results that are available, so that no delivered result is lost.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Ticket } from "../jobs/ticket.js"
import { identify, TypeId } from "./shape.js"

const fields = {
  message: Schema.String,
  method: Schema.String,
  path: Schema.String,
  /** The results that are available. */
  partial: Schema.Array(Schema.Unknown),
  /** Resumes the job, as long as the server knows it: for about 20 minutes after its last delivery. */
  ticket: Ticket,
  status: Schema.optional(Schema.Undefined),
  rc: Schema.optional(Schema.Undefined),
  retryAfter: Schema.optional(Schema.Undefined)
}

/**
 * The job ended with fewer results than requested. `reason`:
 *
 * - `faulted`: the server gave up after three failed attempts,
 * - `short`: the server reports the job as done, but results are missing,
 * - `stalled`: no result is waiting or being generated, but the server does not report the job as done.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobFaulted<Result = unknown> extends Schema.TaggedError<JobFaulted>("effect-horde/JobFaulted")(
  "JobFaulted",
  { ...fields, reason: Schema.Literal("faulted", "short", "stalled") }
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * No online worker could take the job for longer than the option `impossibleAfter` (60 seconds by default).
 *
 * @since 0.1.0
 * @category errors
 */
export class JobImpossible<Result = unknown> extends Schema.TaggedError<JobImpossible>("effect-horde/JobImpossible")(
  "JobImpossible",
  {
    ...fields,
    /** The models that the request names. `Status.unserved` tells which of them no worker serves. */
    models: Schema.Array(Schema.String)
  }
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * The job was not over at its deadline. It is cancelled when its scope closes. After `submit` the scope is still open,
 * and resuming the ticket continues to wait. `generate` and `progress` close their own scope: the job is cancelled
 * then, and resuming the ticket returns only the delivered results, including one that a worker was generating.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobTimedOut<Result = unknown> extends Schema.TaggedError<JobTimedOut>("effect-horde/JobTimedOut")(
  "JobTimedOut",
  fields
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return true
  }
}

/**
 * The server no longer knows the job. It deletes a job and its results about 20 minutes after the last delivery, or when
 * the shared key that paid for the job is deleted.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobExpired<Result = unknown> extends Schema.TaggedError<JobExpired>("effect-horde/JobExpired")(
  "JobExpired",
  fields
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * This program cancelled the job while another part of the program was waiting for its result.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobCancelled<Result = unknown> extends Schema.TaggedError<JobCancelled>("effect-horde/JobCancelled")(
  "JobCancelled",
  fields
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return false
  }
}

/**
 * A delivered result could not be downloaded or saved. `reason`:
 *
 * - `Unavailable`: the server lost the result (`N/A`), or the link is invalid, redirects too often or has an unexpected
 *   status,
 * - `Expired`: the link has expired (403, 404 or 410), and a new link could not be obtained or has expired too,
 * - `Insecure`: the link, or a redirect, does not use https or contains a password,
 * - `TooLarge`: the result exceeds the size limit,
 * - `TimedOut`: the download took too long,
 * - `Transport`: the connection failed, or the download ended too early,
 * - `NotAnImage`: the result is neither base64 nor a known image format,
 * - `NotSaved`: the file could not be written.
 *
 * `partial` has the other results.
 *
 * @since 0.1.0
 * @category errors
 */
export class DownloadFailed<Result = unknown> extends Schema.TaggedError<DownloadFailed>("effect-horde/DownloadFailed")(
  "DownloadFailed",
  {
    ...fields,
    ticket: Schema.optional(Ticket),
    reason: Schema.Literal(
      "Unavailable",
      "Expired",
      "Insecure",
      "TooLarge",
      "TimedOut",
      "Transport",
      "NotAnImage",
      "NotSaved"
    )
  }
) {
  declare readonly partial: ReadonlyArray<Result>
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = identify(this)
  /** @since 0.1.0 */
  get isRetryable(): boolean {
    return this.reason === "TimedOut" || this.reason === "Transport" || this.reason === "Expired"
  }
}

/**
 * All errors of a job, with results of type `Result`.
 *
 * @since 0.1.0
 * @category errors
 */
export type JobError<Result = unknown> =
  | JobFaulted<Result>
  | JobImpossible<Result>
  | JobTimedOut<Result>
  | JobExpired<Result>
  | JobCancelled<Result>
  | DownloadFailed<Result>
