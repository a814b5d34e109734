/**
 * Image generation: submits, polls, downloads and cancels jobs.
 *
 * {@link generate} returns the pictures. {@link progress} is a stream of the events, {@link submit} returns the job,
 * and {@link resume} opens a job that was submitted elsewhere. Unfinished jobs are cancelled when their program or
 * scope ends.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Effect from "effect/Effect"
 *
 * export const draw = Effect.gen(function* () {
 *   const [picture] = yield* ImageGeneration.generate({ prompt: "a lighthouse at dusk", params: { steps: 20 } })
 *   return picture?.bytes
 * })
 * ```
 *
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Download, layer as downloadLayer } from "./Download.js"
import type * as Endpoint from "./Endpoint.js"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import type * as HordeError from "./HordeError.js"
import { Cancel, Check, Price, Rate, Status, Submit, Submitted } from "./internal/image/endpoints.js"
import { followToEnd, type ImageJob, jobOf, type WaitError } from "./internal/image/job.js"
import type { AestheticsPayload } from "./internal/image/models/rating.js"
import type { PriceReply, RequestAsyncStable, RequestStatusStable } from "./internal/image/models/reply.js"
import type { GenerationInputStable } from "./internal/image/models/request.js"
import type { GenerationSubmittedStable } from "./internal/image/models/submitted.js"
import type { Picture } from "./internal/image/picture.js"
import { progressOf, resultsAtEnd } from "./internal/jobs/follow.js"
import type { GenerationRequestId, GenerationSubmitted, RequestStatusCheck } from "./internal/jobs/models.js"
import { adopt, start } from "./internal/jobs/start.js"
import type { Ticket } from "./internal/jobs/ticket.js"
import type { Progress as JobProgress, WaitOptions } from "./Job.js"
import { type JobWatcher, layer as watcherLayer } from "./JobWatcher.js"

export { download, type SaveOptions, type SaveProgress, save } from "./internal/image/delivery.js"
export { Cancel, Check, Price, Rate, Status, Submit, Submitted } from "./internal/image/endpoints.js"
export type { ImageJob, WaitError } from "./internal/image/job.js"
export { kind } from "./internal/image/kind.js"
export * from "./internal/image/models/makeRequest.js"
export * from "./internal/image/models/params.js"
export * from "./internal/image/models/rating.js"
export * from "./internal/image/models/reply.js"
export * from "./internal/image/models/request.js"
export * from "./internal/image/models/submitted.js"
export type * from "./internal/image/models/values.js"
export { Picture, type PictureInfo, SavedPicture } from "./internal/image/picture.js"
export { GenerationSubmitted } from "./internal/jobs/models.js"

/**
 * The errors of {@link price}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PriceError = Endpoint.ErrorOf<typeof Price>

/**
 * The price of a request in kudos, for all its pictures together.
 *
 * @since 0.1.0
 * @category functions
 */
export const price = (request: GenerationInputStable): Effect.Effect<PriceReply, PriceError, Price> =>
  Effect.flatMap(Price, (call) => call({ payload: request }))

/**
 * The errors of {@link check}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CheckError = Endpoint.ErrorOf<typeof Check>

/**
 * The state of a job.
 *
 * @since 0.1.0
 * @category functions
 */
export const check = (id: GenerationRequestId): Effect.Effect<RequestStatusCheck, CheckError, Check> =>
  Effect.flatMap(Check, (call) => call({ params: { id } }))

/**
 * The errors of {@link status}.
 *
 * @since 0.1.0
 * @category errors
 */
export type StatusError = Endpoint.ErrorOf<typeof Status>

/**
 * The state of a job, with the links or base64 of its finished pictures.
 *
 * @since 0.1.0
 * @category functions
 */
export const status = (id: GenerationRequestId): Effect.Effect<RequestStatusStable, StatusError, Status> =>
  Effect.flatMap(Status, (call) => call({ params: { id } }))

/**
 * The errors of {@link cancel}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Endpoint.ErrorOf<typeof Cancel>

/**
 * Cancels a job. The reply has the pictures that were finished.
 *
 * @since 0.1.0
 * @category functions
 */
export const cancel = (id: GenerationRequestId): Effect.Effect<RequestStatusStable, CancelError, Cancel> =>
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
): Effect.Effect<GenerationSubmittedStable, SubmittedError, Submitted> =>
  Effect.flatMap(Submitted, (call) => call({ params: { id } }))

/**
 * The errors of {@link rate}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RateError = Endpoint.ErrorOf<typeof Rate>

/**
 * Rates the images of a finished job. The call is never retried after its reply was lost.
 *
 * @since 0.1.0
 * @category functions
 */
export const rate = (
  id: GenerationRequestId,
  ratings: AestheticsPayload
): Effect.Effect<GenerationSubmitted, RateError, Rate> =>
  Effect.flatMap(Rate, (call) => call({ params: { id }, payload: ratings }))

/**
 * The events of a generation; `Submitted` is the first.
 *
 * @since 0.1.0
 * @category models
 */
export type Progress =
  | { readonly _tag: "Submitted"; readonly ticket: Ticket; readonly reply: RequestAsyncStable }
  | JobProgress<Picture, RequestStatusCheck>

/**
 * The errors of {@link submit}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitError = Endpoint.ErrorOf<typeof Submit>

/**
 * Submits a request and returns the job. If the scope closes before its end, the job is cancelled.
 *
 * @since 0.1.0
 * @category functions
 */
export const submit = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Effect.Effect<
  ImageJob & { readonly reply: RequestAsyncStable },
  SubmitError,
  Submit | Check | Status | Cancel | Download | FollowUp | JobWatcher | Scope.Scope
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
): Effect.Effect<
  ImageJob,
  HordeError.InvalidRequest,
  Check | Status | Cancel | Download | FollowUp | JobWatcher | Scope.Scope
> =>
  Effect.gen(function* () {
    const adopted = yield* adopt(Submit.declaration, Status.declaration, ticket, options)
    return yield* jobOf(adopted.ticket, [], adopted.settings)
  })

/**
 * The errors of {@link generate} and {@link progress}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GenerateError = SubmitError | WaitError | HordeError.JobError<Picture>

/**
 * Generates pictures, as a stream of events. If the stream ends early, its job is cancelled. With `Stream.share` it
 * ends with the last consumer, with `Stream.broadcast` when the surrounding scope closes.
 *
 * @since 0.1.0
 * @category functions
 */
export const progress = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Stream.Stream<Progress, GenerateError, Submit | Check | Status | Download | JobWatcher> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { models, reply, settings, ticket } = yield* start(Submit.declaration, yield* Submit, input, options)
      const events = progressOf(yield* followToEnd(ticket, models, settings))
      return Stream.concat(Stream.succeed<Progress>({ _tag: "Submitted", ticket, reply }), events)
    })
  )

/**
 * Generates pictures: submits, polls and downloads. If it ends early (by a failure, an interruption or the deadline),
 * the job is cancelled. The error has the pictures that had arrived.
 *
 * @since 0.1.0
 * @category functions
 */
export const generate = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Effect.Effect<ReadonlyArray<Picture>, GenerateError, Submit | Check | Status | Download | JobWatcher> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { models, settings, ticket } = yield* start(Submit.declaration, yield* Submit, input, options)
      return yield* followToEnd(ticket, models, settings)
    }).pipe(Effect.flatMap(resultsAtEnd))
  )

/**
 * All endpoints of this resource, the download of pictures, and the watcher that polls jobs.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Submit | Price | Check | Status | Cancel | Submitted | Rate | Download | JobWatcher,
  never,
  HordeClient | FollowUp | HttpClient
> = Layer.mergeAll(
  Submit.layer,
  Price.layer,
  Check.layer,
  Status.layer,
  Cancel.layer,
  Submitted.layer,
  Rate.layer,
  downloadLayer(),
  watcherLayer
)
