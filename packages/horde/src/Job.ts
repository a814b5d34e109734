/**
 * One job's life: progress, result, cancel, hand-over. Shared by all kinds of jobs.
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
 * What happens while a job runs.
 *
 * - `Checked`: how it stands now, as the server says it.
 * - `Arrived`: a result is there; only where results were asked for as they arrive.
 * - `Finished`: all results are there. Always the last.
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
 * How a job is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export interface WaitOptions {
  /**
   * How long the job may take in all, from its submit. The server's own patience by default: 20 minutes, or 60 where
   * extra slow workers may take it.
   */
  readonly deadline?: Duration.DurationInput
  /** How long to wait while no worker that is online could take the job. 60 seconds by default; `Infinity` for ever. */
  readonly impossibleAfter?: Duration.DurationInput
  /**
   * Whether results are fetched one by one while others are still drawn, at most ten times a minute. By default they
   * are fetched once, at the end.
   */
  readonly results?: "at the end" | "as they arrive"
}

/**
 * A job that was started, or opened again. It is cancelled when its scope closes before it is over.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job<Result, Check, E> {
  /** Opens this job again, from anywhere, as long as the server knows it. */
  readonly ticket: Ticket
  /** Follows the job to its end. Each run of the stream asks the server anew. */
  readonly progress: Stream.Stream<Progress<Result, Check>, E | JobErrors.JobError<Result>>
  /** Waits for the end, and gives the results. */
  readonly result: Effect.Effect<ReadonlyArray<Result>, E | JobErrors.JobError<Result>>
  /** Cancels the job, and gives the results that there are. Whoever waits for it fails with `JobCancelled`. */
  readonly cancel: Effect.Effect<
    ReadonlyArray<Result>,
    E | JobErrors.JobExpired<Result> | JobErrors.DownloadFailed<Result>
  >
  /** Hands the job over: it goes on when the scope closes. The ticket is all that is left of it here. */
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
 * Accepts partial results: a job that fails succeeds with the results that it has, where it has at least one. A stream of
 * progress then ends with `Finished`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const acceptPartial = <Self extends Results | Events>(self: Self): Self => {
  // the partial results of an error have the type of the job's results, which only a cast can say here
  const accepted: Results | Events = Effect.isEffect(self) ? acceptResults(self) : acceptEvents(self)
  return accepted as Self
}
