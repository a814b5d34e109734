/**
 * Text generation: submits, polls and cancels jobs.
 *
 * {@link generate} returns the texts. {@link progress} is a stream of the events, {@link submit} returns the job, and
 * {@link resume} opens a job that was submitted elsewhere. Unfinished jobs are cancelled when their program or scope
 * ends.
 *
 * @example
 * ```ts
 * import * as TextGeneration from "effect-horde/TextGeneration"
 * import * as Effect from "effect/Effect"
 *
 * export const write = Effect.gen(function* () {
 *   const variants = yield* TextGeneration.generate({
 *     prompt: "The lighthouse keeper opened the door and",
 *     params: { n: 3, max_length: 120 }
 *   })
 *   return variants.map(({ text }) => text)
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Endpoint from "./Endpoint.js"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import { progressOf, resultsAtEnd } from "./internal/jobs/follow.js"
import type { GenerationRequestId, RequestStatusCheck } from "./internal/jobs/models.js"
import { adopt, start } from "./internal/jobs/start.js"
import type { Ticket } from "./internal/jobs/ticket.js"
import { Cancel, Price, Status, Submit, Submitted } from "./internal/text/endpoints.js"
import type { GeneratedText } from "./internal/text/generatedText.js"
import { followToEnd, jobOf, type TextJob, type WaitError } from "./internal/text/job.js"
import type { PriceReply, RequestAsyncKobold, RequestStatusKobold } from "./internal/text/models/reply.js"
import type { GenerationInputKobold } from "./internal/text/models/request.js"
import type { GenerationSubmittedKobold } from "./internal/text/models/submitted.js"
import type { Progress as JobProgress, WaitOptions } from "./Job.js"
import { type JobWatcher, layer as watcherLayer } from "./JobWatcher.js"

export { Cancel, Price, Status, Submit, Submitted } from "./internal/text/endpoints.js"
export { GeneratedText } from "./internal/text/generatedText.js"
export type { TextJob, WaitError } from "./internal/text/job.js"
export { kind } from "./internal/text/kind.js"
export * from "./internal/text/models/params.js"
export * from "./internal/text/models/reply.js"
export * from "./internal/text/models/request.js"
export * from "./internal/text/models/submitted.js"

/**
 * The errors of {@link price}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PriceError = Endpoint.ErrorOf<typeof Price>

/**
 * The price of a request in kudos, for all its texts together.
 *
 * @since 0.1.0
 * @category functions
 */
export const price = (request: GenerationInputKobold): Effect.Effect<PriceReply, PriceError, Price> =>
  Effect.flatMap(Price, (call) => call({ payload: request }))

/**
 * The errors of {@link status}.
 *
 * @since 0.1.0
 * @category errors
 */
export type StatusError = Endpoint.ErrorOf<typeof Status>

/**
 * The state of a job, with its finished texts.
 *
 * @since 0.1.0
 * @category functions
 */
export const status = (id: GenerationRequestId): Effect.Effect<RequestStatusKobold, StatusError, Status> =>
  Effect.flatMap(Status, (call) => call({ params: { id } }))

/**
 * The errors of {@link cancel}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Endpoint.ErrorOf<typeof Cancel>

/**
 * Cancels a job. The reply has the texts that were finished.
 *
 * @since 0.1.0
 * @category functions
 */
export const cancel = (id: GenerationRequestId): Effect.Effect<RequestStatusKobold, CancelError, Cancel> =>
  Effect.flatMap(Cancel, (call) => call({ params: { id } }))

/**
 * The errors of {@link submitted}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmittedError = Endpoint.ErrorOf<typeof Submitted>

/**
 * The request of a job, as the server stored it. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const submitted = (
  id: GenerationRequestId
): Effect.Effect<GenerationSubmittedKobold, SubmittedError, Submitted> =>
  Effect.flatMap(Submitted, (call) => call({ params: { id } }))

/**
 * The events of a generation; `Submitted` is the first.
 *
 * @since 0.1.0
 * @category models
 */
export type Progress =
  | { readonly _tag: "Submitted"; readonly ticket: Ticket; readonly reply: RequestAsyncKobold }
  | JobProgress<GeneratedText, RequestStatusCheck>

/**
 * The errors of {@link submit}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitError = Endpoint.ErrorOf<typeof Submit>

/**
 * Submits a request and returns the job. If the scope closes before its end, the job is cancelled. The field `kudos` of the
 * reply is always 0: {@link price} has the price.
 *
 * @since 0.1.0
 * @category functions
 */
export const submit = (
  input: GenerationInputKobold,
  options: WaitOptions = {}
): Effect.Effect<
  TextJob & { readonly reply: RequestAsyncKobold },
  SubmitError,
  Submit | Status | Cancel | FollowUp | JobWatcher | Scope.Scope
> =>
  Effect.gen(function* () {
    const { models, reply, settings, ticket } = yield* start(Submit.declaration, yield* Submit, input, options)
    return { ...(yield* jobOf(ticket, models, settings)), reply }
  })

/**
 * Opens a submitted job from its ticket, here or in another process. If the scope closes before its end, the job is
 * cancelled. The server keeps a job for about 20 minutes after its last delivery. The deadline counts from now.
 *
 * @since 0.1.0
 * @category functions
 */
export const resume = (
  ticket: Ticket,
  options: WaitOptions = {}
): Effect.Effect<TextJob, HordeError.InvalidRequest, Status | Cancel | FollowUp | JobWatcher | Scope.Scope> =>
  Effect.gen(function* () {
    const adopted = yield* adopt(Submit.declaration, Status.declaration, ticket, options)
    return yield* jobOf(adopted.ticket, [], adopted.settings)
  })

/**
 * The errors of {@link generate} and {@link progress}. A job that ends with fewer texts than requested fails with
 * `JobFaulted`; if its texts failed on the workers, the server reports no end, and the wait ends one minute after the
 * last activity.
 *
 * @since 0.1.0
 * @category errors
 */
export type GenerateError = SubmitError | WaitError | HordeError.JobError<GeneratedText>

/**
 * Generates texts, as a stream of events. If the stream ends early, its job is cancelled. With the option
 * `results: "as they arrive"`, each text is an event as soon as a poll finds it.
 *
 * @since 0.1.0
 * @category functions
 */
export const progress = (
  input: GenerationInputKobold,
  options: WaitOptions = {}
): Stream.Stream<Progress, GenerateError, Submit | Status | JobWatcher> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { models, reply, settings, ticket } = yield* start(Submit.declaration, yield* Submit, input, options)
      const events = progressOf(yield* followToEnd(ticket, models, settings))
      return Stream.concat(Stream.succeed<Progress>({ _tag: "Submitted", ticket, reply }), events)
    })
  )

/**
 * Generates texts: submits and polls. If it ends early (by a failure, an interruption or the deadline), the job is
 * cancelled. The error has the texts that had arrived.
 *
 * @since 0.1.0
 * @category functions
 */
export const generate = (
  input: GenerationInputKobold,
  options: WaitOptions = {}
): Effect.Effect<ReadonlyArray<GeneratedText>, GenerateError, Submit | Status | JobWatcher> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { models, settings, ticket } = yield* start(Submit.declaration, yield* Submit, input, options)
      return yield* followToEnd(ticket, models, settings)
    }).pipe(Effect.flatMap(resultsAtEnd))
  )

/**
 * All endpoints of this resource, and the watcher that polls jobs.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Submit | Price | Status | Cancel | Submitted | JobWatcher,
  never,
  HordeClient | FollowUp
> = Layer.mergeAll(Submit.layer, Price.layer, Status.layer, Cancel.layer, Submitted.layer, watcherLayer)
