/**
 * The side of workers: they ask for jobs (`pop`), generate the results and deliver them (`submit`).
 *
 * {@link runImage}, {@link runText} and {@link runAlchemy} run a worker. The raw calls, such as {@link popText}, are
 * for other loops: their jobs are not tracked.
 *
 * All calls need the key of the account that owns the worker: shared keys and the anonymous key are refused.
 *
 * @example
 * ```ts
 * import * as Worker from "effect-horde/Worker"
 * import * as Effect from "effect/Effect"
 *
 * export const work = (write: (prompt: string) => string) =>
 *   Effect.gen(function* () {
 *     const { id, payload } = yield* Worker.popText({ name: "my worker", models: ["koboldcpp/LLaMA"] })
 *     if (id === undefined) return 0 // no job for this worker
 *     const { reward } = yield* Worker.submitText({ id, generation: write(payload?.prompt ?? "") })
 *     return reward
 *   })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import type { GenerationSubmitted } from "./internal/jobs/models.js"
import { PopAlchemy, PopImage, PopText, SubmitAlchemy, SubmitImage, SubmitText } from "./internal/worker/endpoints.js"
import type { InterrogationPopInput, PopInputKobold, PopInputStable } from "./internal/worker/popInput.js"
import type {
  GenerationPayloadKobold,
  GenerationPayloadStable,
  InterrogationPopPayload
} from "./internal/worker/popReply.js"
import type { InterrogationSubmitInput, SubmitInputKobold, SubmitInputStable } from "./internal/worker/submitInput.js"

export type { FormPayload } from "./internal/alchemy/models.js"
export { GenerationSubmitted } from "./internal/jobs/models.js"
export type { Lookup } from "./internal/worker/addresses.js"
export {
  type AlchemyWorkerOptions,
  type FormJob,
  type FormResult,
  runAlchemy
} from "./internal/worker/alchemyWorker.js"
export * from "./internal/worker/endpoints.js"
export type { Event, FaultReason, RunError, RunOptions, SourceImageOptions } from "./internal/worker/events.js"
export type { Censorship } from "./internal/worker/generated.js"
export { type ImageJob, type ImageResult, type ImageWorkerOptions, runImage } from "./internal/worker/imageWorker.js"
export { poppedForm, poppedImage, poppedText } from "./internal/worker/kinds.js"
export * from "./internal/worker/popInput.js"
export * from "./internal/worker/popReply.js"
export * from "./internal/worker/submitInput.js"
export { runText, type TextJob, type TextResult, type TextWorkerOptions } from "./internal/worker/textWorker.js"

/**
 * The errors of {@link popImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PopImageError = Endpoint.ErrorOf<typeof PopImage>

/**
 * Asks for image jobs. The reply has no `id` if there is no job. The call is never retried after its reply was lost.
 *
 * @since 0.1.0
 * @category functions
 */
export const popImage = (input: PopInputStable): Effect.Effect<GenerationPayloadStable, PopImageError, PopImage> =>
  Effect.flatMap(PopImage, (call) => call({ payload: input }))

/**
 * The errors of {@link submitImage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitImageError = Endpoint.ErrorOf<typeof SubmitImage>

/**
 * Delivers an image, or reports (`faulted`) that it could not be generated.
 *
 * @since 0.1.0
 * @category functions
 */
export const submitImage = (
  result: SubmitInputStable
): Effect.Effect<GenerationSubmitted, SubmitImageError, SubmitImage> =>
  Effect.flatMap(SubmitImage, (call) => call({ payload: result }))

/**
 * The errors of {@link popText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PopTextError = Endpoint.ErrorOf<typeof PopText>

/**
 * Asks for text jobs. The reply has no `id` if there is no job. The call is never retried after its reply was lost.
 *
 * @since 0.1.0
 * @category functions
 */
export const popText = (input: PopInputKobold): Effect.Effect<GenerationPayloadKobold, PopTextError, PopText> =>
  Effect.flatMap(PopText, (call) => call({ payload: input }))

/**
 * The errors of {@link submitText}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitTextError = Endpoint.ErrorOf<typeof SubmitText>

/**
 * Delivers a text, or reports (`faulted`) that it could not be generated.
 *
 * @since 0.1.0
 * @category functions
 */
export const submitText = (
  result: SubmitInputKobold
): Effect.Effect<GenerationSubmitted, SubmitTextError, SubmitText> =>
  Effect.flatMap(SubmitText, (call) => call({ payload: result }))

/**
 * The errors of {@link popAlchemy}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PopAlchemyError = Endpoint.ErrorOf<typeof PopAlchemy>

/**
 * Asks for alchemy forms. `forms` is empty if there is no work. The call is never retried after its reply was lost.
 *
 * @since 0.1.0
 * @category functions
 */
export const popAlchemy = (
  input: InterrogationPopInput
): Effect.Effect<InterrogationPopPayload, PopAlchemyError, PopAlchemy> =>
  Effect.flatMap(PopAlchemy, (call) => call({ payload: input }))

/**
 * The errors of {@link submitAlchemy}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitAlchemyError = Endpoint.ErrorOf<typeof SubmitAlchemy>

/**
 * Delivers the result of a form, or reports (`faulted`) that it could not be processed.
 *
 * @since 0.1.0
 * @category functions
 */
export const submitAlchemy = (
  result: InterrogationSubmitInput
): Effect.Effect<GenerationSubmitted, SubmitAlchemyError, SubmitAlchemy> =>
  Effect.flatMap(SubmitAlchemy, (call) => call({ payload: result }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  PopImage | SubmitImage | PopText | SubmitText | PopAlchemy | SubmitAlchemy,
  never,
  HordeClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(
    PopImage.layer,
    SubmitImage.layer,
    PopText.layer,
    SubmitText.layer,
    PopAlchemy.layer,
    SubmitAlchemy.layer
  )
)
