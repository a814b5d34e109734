/**
 * How a job can end badly. Each error carries the results that there are: nothing that a worker delivered is thrown
 * away.
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
  /** The results that had arrived. */
  partial: Schema.Array(Schema.Unknown),
  /** Opens the job again, while the server still knows it (about 20 minutes after its last delivery). */
  ticket: Ticket,
  status: Schema.optional(Schema.Undefined),
  rc: Schema.optional(Schema.Undefined),
  retryAfter: Schema.optional(Schema.Undefined)
}

/**
 * The job ended with fewer results than were asked for. `reason`:
 *
 * - `faulted`: the server gave up after three failed attempts,
 * - `short`: it says done, with results missing,
 * - `stalled`: nothing waits, nothing runs, and it never says done.
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
 * For longer than the grace, no worker that is online could take the job.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobImpossible<Result = unknown> extends Schema.TaggedError<JobImpossible>("effect-horde/JobImpossible")(
  "JobImpossible",
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
 * The job was not over at its deadline. It is cancelled when its scope closes. While that is open (after `submit`) the
 * ticket goes on waiting; after `generate` and `progress`, which close their own, it gives what still came.
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
 * The server does not know the job any more: requests and results are deleted about 20 minutes after the last delivery,
 * and with the shared key that paid for them.
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
 * The job was cancelled by this program while another part of it still waited for the result.
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
 * - `Unavailable`: the server lost it (`N/A`), or there is nothing at the link,
 * - `Expired`: the link is not good any more, and a fresh one was not either,
 * - `Insecure`: the link, or a redirect of it, is not https,
 * - `TooLarge`: it exceeds the size limit,
 * - `TimedOut`, `Transport`: the download broke, or ended too early,
 * - `NotAnImage`: what came is neither base64 nor a known image format,
 * - `NotSaved`: its file could not be written.
 *
 * `partial` holds the other results.
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
 * Every way in which a job can end badly, with results of type `Result`.
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
