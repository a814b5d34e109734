/**
 * A started job: its progress, results, cancel and ticket. Shared by all kinds of jobs.
 *
 * @since 0.1.0
 */
import type * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as JobErrors from "./internal/errors/jobErrors.js"
import type { Ticket } from "./internal/jobs/ticket.js"

export type { JobView } from "./internal/jobs/jobView.js"
export {
  GenerationId,
  GenerationRequestId,
  isOver,
  isPossible,
  RequestSingleWarning,
  type RequestSingleWarningEncoded,
  RequestStatusCheck,
  type RequestStatusCheckEncoded,
  type WarningCode,
  WorkerId
} from "./internal/jobs/models.js"
export { decodeTicket, encodeTicket, type Kind, Ticket } from "./internal/jobs/ticket.js"

/**
 * The events of a job.
 *
 * - `Checked`: its state on the server.
 * - `Arrived`: a result, if results are requested as they arrive.
 * - `Finished`: all results. Always the last event.
 *
 * @since 0.1.0
 * @category models
 */
export type Progress<Result, Check> = Data.TaggedEnum<{
  Checked: { readonly check: Check }
  Arrived: { readonly result: Result }
  Finished: { readonly results: ReadonlyArray<Result> }
}>

/**
 * Options for waiting until the end of a job.
 *
 * @since 0.1.0
 * @category models
 */
export interface WaitOptions {
  /**
   * The maximum time from the submit to the end of the job. By default the time after which the server deletes it: 20
   * minutes, or 60 if extra slow workers may take it.
   */
  readonly deadline?: Duration.DurationInput
  /** The maximum time without an online worker that can do the job. 60 seconds by default; `Infinity` for no limit. */
  readonly impossibleAfter?: Duration.DurationInput
  /**
   * Whether finished results are returned while others are still generated. Pictures are then fetched at most ten times
   * per minute; each poll of a text or alchemy job has its results. By default all results are returned at the end.
   */
  readonly results?: "at the end" | "as they arrive"
}

/**
 * A job that was submitted or resumed. If its scope closes before its end, it is cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job<Result, Check, E> {
  /** Resumes this job in any program, until the server deletes it. */
  readonly ticket: Ticket
  /** Polls the job to its end. Each run of the stream polls separately. */
  readonly progress: Stream.Stream<Progress<Result, Check>, E | JobErrors.JobError<Result>>
  /** Waits for the end of the job and returns its results. */
  readonly result: Effect.Effect<ReadonlyArray<Result>, E | JobErrors.JobError<Result>>
  /**
   * Cancels the job and returns the results that are finished. Other fibers that wait for it fail with `JobCancelled`.
   */
  readonly cancel: Effect.Effect<
    ReadonlyArray<Result>,
    E | JobErrors.JobExpired<Result> | JobErrors.DownloadFailed<Result>
  >
  /** Stops tracking the job: it continues when the scope closes, and the returned ticket resumes it. */
  readonly detach: Effect.Effect<Ticket>
}

const isJobError = (error: unknown): error is JobErrors.JobError =>
  error instanceof JobErrors.JobFaulted ||
  error instanceof JobErrors.JobImpossible ||
  error instanceof JobErrors.JobTimedOut ||
  error instanceof JobErrors.JobExpired ||
  error instanceof JobErrors.JobCancelled ||
  error instanceof JobErrors.DownloadFailed

type Results = Effect.Effect<ReadonlyArray<unknown>, unknown, unknown>
type Events = Stream.Stream<{ readonly _tag: string }, unknown, unknown>

const isPartial = (error: unknown): error is JobErrors.JobError => isJobError(error) && error.partial.length > 0

const acceptResults = (results: Results): Results =>
  // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- it changes no error and no requirement
  Effect.catchIf(results, isPartial, ({ partial }) => Effect.succeed(partial))

const acceptEvents = (events: Events): Events =>
  Stream.catchAll(events, (error) =>
    isPartial(error) ? Stream.succeed({ _tag: "Finished", results: error.partial }) : Stream.fail(error)
  )

/**
 * Accepts partial results: a failed job succeeds if it has at least one result. A stream of progress then ends with
 * `Finished`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const acceptPartial = <Self extends Results | Events>(self: Self): Self => {
  // the cast states that the partial results of an error have the type of the job's results
  const accepted: Results | Events = Effect.isEffect(self) ? acceptResults(self) : acceptEvents(self)
  return accepted as Self
}
