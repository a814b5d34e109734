/**
 * Alchemy: captions, tags, upscaled and otherwise processed versions of an image that exists already.
 *
 * A request lists forms, which workers process one by one. {@link run} returns their results. {@link progress} is a
 * stream of the events, {@link submit} returns the job, and {@link resume} opens a job that was submitted elsewhere.
 * Unfinished jobs are cancelled when their program or scope ends.
 *
 * Results are in any order: find a result by its tag or by the name of its form.
 *
 * @example
 * ```ts
 * import * as Alchemy from "effect-horde/Alchemy"
 * import * as Effect from "effect/Effect"
 *
 * export const describe = (image: Uint8Array) =>
 *   Effect.gen(function* () {
 *     const results = yield* Alchemy.run({
 *       source_image: image,
 *       forms: [{ name: "caption" }, { name: "RealESRGAN_x2plus" }]
 *     })
 *     return {
 *       caption: results.find((result) => result._tag === "Caption")?.text,
 *       larger: results.find((result) => result._tag === "Image")?.bytes
 *     }
 *   })
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
import { Cancel, Status, Submit } from "./internal/alchemy/endpoints.js"
import type { FormResult } from "./internal/alchemy/formResult.js"
import { type AlchemyInput, requestOf } from "./internal/alchemy/input.js"
import { type AlchemyJob, followToEnd, jobOf, type WaitError } from "./internal/alchemy/job.js"
import type { AlchemyCheck, InterrogationStatus, RequestInterrogationResponse } from "./internal/alchemy/models.js"
import { progressOf, resultsAtEnd } from "./internal/jobs/follow.js"
import type { GenerationRequestId } from "./internal/jobs/models.js"
import { adopt, start } from "./internal/jobs/start.js"
import type { Ticket } from "./internal/jobs/ticket.js"
import type * as Job from "./Job.js"
import { type JobWatcher, layer as watcherLayer } from "./JobWatcher.js"

export { Cancel, Status, Submit } from "./internal/alchemy/endpoints.js"
export type * from "./internal/alchemy/formResult.js"
export type { AlchemyInput } from "./internal/alchemy/input.js"
export type { AlchemyJob, WaitError } from "./internal/alchemy/job.js"
export { kind } from "./internal/alchemy/kind.js"
export {
  type AlchemyCheck,
  type FormPayload,
  type InterrogationDetails,
  type InterrogationFormResult,
  type InterrogationFormStatus,
  InterrogationStatus,
  isOver,
  type ModelInterrogationFormStable,
  ModelInterrogationInputStable,
  RequestInterrogationResponse
} from "./internal/alchemy/models.js"
export type * from "./internal/alchemy/values.js"

/**
 * The errors of {@link status}.
 *
 * @since 0.1.0
 * @category errors
 */
export type StatusError = Endpoint.ErrorOf<typeof Status>

/**
 * Reads the state of a job, with the results of its finished forms.
 *
 * @since 0.1.0
 * @category functions
 */
export const status = (id: GenerationRequestId): Effect.Effect<InterrogationStatus, StatusError, Status> =>
  Effect.flatMap(Status, (call) => call({ params: { id } }))

/**
 * The errors of {@link cancel}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Endpoint.ErrorOf<typeof Cancel>

/**
 * Cancels a job. Returns its state after the cancel, with the finished results.
 *
 * @since 0.1.0
 * @category functions
 */
export const cancel = (id: GenerationRequestId): Effect.Effect<InterrogationStatus, CancelError, Cancel> =>
  Effect.flatMap(Cancel, (call) => call({ params: { id } }))

/**
 * The events of an alchemy job; `Submitted` is the first.
 *
 * @since 0.1.0
 * @category models
 */
export type Progress =
  | { readonly _tag: "Submitted"; readonly ticket: Ticket; readonly reply: RequestInterrogationResponse }
  | Job.Progress<FormResult, AlchemyCheck>

/**
 * Options for waiting until the end of a job. The server does not report whether a worker can process the forms: if
 * there is none, the wait ends at the deadline.
 *
 * @since 0.1.0
 * @category models
 */
export interface WaitOptions extends Pick<Job.WaitOptions, "deadline" | "results"> {}

/**
 * The errors of {@link submit}. A shared key, an empty image and an empty list of forms are `InvalidRequest`, and
 * nothing is sent.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitError = Endpoint.ErrorOf<typeof Submit>

const startJob = (input: AlchemyInput, options: WaitOptions) =>
  Effect.gen(function* () {
    const request = yield* requestOf(input)
    return yield* start(Submit.declaration, yield* Submit, request, options)
  })

/**
 * Submits a request and returns the job. If the scope closes before its end, the job is cancelled.
 *
 * @since 0.1.0
 * @category functions
 */
export const submit = (
  input: AlchemyInput,
  options: WaitOptions = {}
): Effect.Effect<
  AlchemyJob & { readonly reply: RequestInterrogationResponse },
  SubmitError,
  Submit | Status | Cancel | Download | FollowUp | HordeClient | JobWatcher | Scope.Scope
> =>
  Effect.gen(function* () {
    const { reply, settings, ticket } = yield* startJob(input, options)
    return { ...(yield* jobOf(ticket, settings)), reply }
  })

/**
 * Opens a submitted job from its ticket, here or in another process. If the scope closes before its end, the job is
 * cancelled. The server keeps a job for about 20 minutes after its last form was taken or delivered. The deadline
 * counts from now.
 *
 * @since 0.1.0
 * @category functions
 */
export const resume = (
  ticket: Ticket,
  options: WaitOptions = {}
): Effect.Effect<
  AlchemyJob,
  HordeError.InvalidRequest,
  Status | Cancel | Download | FollowUp | JobWatcher | Scope.Scope
> =>
  Effect.gen(function* () {
    const adopted = yield* adopt(Submit.declaration, Status.declaration, ticket, options)
    return yield* jobOf(adopted.ticket, adopted.settings)
  })

/**
 * The errors of {@link run} and {@link progress}. A form that failed on the workers is a result; a job that another
 * program cancelled fails with `JobFaulted`, and has the results that were finished.
 *
 * @since 0.1.0
 * @category errors
 */
export type RunError = SubmitError | WaitError | HordeError.JobError<FormResult>

/**
 * Processes an image, as a stream of events. If the stream ends early, its job is cancelled. With the option
 * `results: "as they arrive"`, each result is an event as soon as a poll finds it.
 *
 * @since 0.1.0
 * @category functions
 */
export const progress = (
  input: AlchemyInput,
  options: WaitOptions = {}
): Stream.Stream<Progress, RunError, Submit | Status | Download | HordeClient | JobWatcher> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { reply, settings, ticket } = yield* startJob(input, options)
      const events = progressOf(yield* followToEnd(ticket, settings))
      return Stream.concat(Stream.succeed<Progress>({ _tag: "Submitted", ticket, reply }), events)
    })
  )

/**
 * Processes an image: submits, polls and downloads. Returns the results of the forms in any order. If it ends early (by
 * a failure, an interruption or the deadline), the job is cancelled. The error has the results that had arrived.
 *
 * @since 0.1.0
 * @category functions
 */
export const run = (
  input: AlchemyInput,
  options: WaitOptions = {}
): Effect.Effect<ReadonlyArray<FormResult>, RunError, Submit | Status | Download | HordeClient | JobWatcher> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { settings, ticket } = yield* startJob(input, options)
      return yield* followToEnd(ticket, settings)
    }).pipe(Effect.flatMap(resultsAtEnd))
  )

/**
 * All endpoints of this resource, the download of images, and the watcher that polls jobs.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Submit | Status | Cancel | Download | JobWatcher,
  never,
  HordeClient | FollowUp | HttpClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(Submit.layer, Status.layer, Cancel.layer, downloadLayer(), watcherLayer)
)
