/**
 * The side of workers: they ask for jobs (`pop`), generate the results and deliver them (`submit`).
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
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { GenerationSubmitted } from "./internal/jobs/models.js"
import { InterrogationPopInput, PopInputKobold, PopInputStable } from "./internal/worker/popInput.js"
import {
  GenerationPayloadKobold,
  GenerationPayloadStable,
  InterrogationPopPayload
} from "./internal/worker/popReply.js"
import { InterrogationSubmitInput, SubmitInputKobold, SubmitInputStable } from "./internal/worker/submitInput.js"

export type { FormPayload } from "./internal/alchemy/models.js"
export { GenerationSubmitted } from "./internal/jobs/models.js"
export * from "./internal/worker/popInput.js"
export * from "./internal/worker/popReply.js"
export * from "./internal/worker/submitInput.js"

const workerLimits = [{ max: 60, per: "1 second", key: "endpoint" }] as const

const popErrors = [HordeError.Unauthorized, HordeError.Forbidden] as const

/** Servers up to version 5.1.5 reply to an unknown API key with status 500 instead of 401. */
const submitErrors = [HordeError.Unauthorized, HordeError.Forbidden, HordeError.NotFound] as const

const unknownJob = { 404: "the server has no such job (any more)" } as const

/**
 * `POST /v2/generate/pop`: replies with image jobs for a worker, or with the reasons why it gets none. The first pop
 * creates the worker, which counts as online for five minutes after each pop; its settings are stored at most every 30
 * seconds.
 *
 * The call is not repeated if its reply is lost, because the server may have given jobs to the worker: it gives them
 * to another worker after their `ttl`. The call fails with `Forbidden` if the worker is in maintenance
 * (`WorkerMaintenance`), if its name belongs to another account (`WrongCredentials`), or if its owner may not run it.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/generate/pop}
 * @since 0.1.0
 * @category endpoints
 */
export class PopImage extends /* @__PURE__ */ Endpoint.Service<PopImage>()("Worker/PopImage", {
  method: "POST",
  path: "/v2/generate/pop",
  payload: PopInputStable,
  success: { 200: GenerationPayloadStable },
  error: popErrors,
  apiKey: "required",
  idempotent: false,
  limits: workerLimits
}) {}

/**
 * `POST /v2/generate/submit`: delivers an image, or reports that it could not be generated. The owner may be credited
 * less than `reward`: half of it is withheld until the account is trusted.
 *
 * The call is repeated if its reply is lost, because the server takes one result for each job: if the first attempt
 * arrived, the next one fails with `BadRequest` and the code `DuplicateGen`. The code `AbortedGen` means that the job
 * timed out. The call fails with `Forbidden` if the job was given to a worker of another account.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/generate/submit}
 * @since 0.1.0
 * @category endpoints
 */
export class SubmitImage extends /* @__PURE__ */ Endpoint.Service<SubmitImage>()("Worker/SubmitImage", {
  method: "POST",
  path: "/v2/generate/submit",
  payload: SubmitInputStable,
  success: { 200: GenerationSubmitted },
  error: submitErrors,
  apiKey: "required",
  idempotent: true,
  limits: workerLimits,
  hints: unknownJob
}) {}

/**
 * `POST /v2/generate/text/pop`: replies with text jobs for a worker, or with the reasons why it gets none. Otherwise
 * like {@link PopImage}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/generate/text/pop}
 * @since 0.1.0
 * @category endpoints
 */
export class PopText extends /* @__PURE__ */ Endpoint.Service<PopText>()("Worker/PopText", {
  method: "POST",
  path: "/v2/generate/text/pop",
  payload: PopInputKobold,
  success: { 200: GenerationPayloadKobold },
  error: popErrors,
  apiKey: "required",
  idempotent: false,
  limits: workerLimits
}) {}

/**
 * `POST /v2/generate/text/submit`: delivers a text, or reports that it could not be generated. Otherwise like {@link
 * SubmitImage}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/generate/text/submit}
 * @since 0.1.0
 * @category endpoints
 */
export class SubmitText extends /* @__PURE__ */ Endpoint.Service<SubmitText>()("Worker/SubmitText", {
  method: "POST",
  path: "/v2/generate/text/submit",
  payload: SubmitInputKobold,
  success: { 200: GenerationSubmitted },
  error: submitErrors,
  apiKey: "required",
  idempotent: true,
  limits: workerLimits,
  hints: unknownJob
}) {}

/**
 * `POST /v2/interrogate/pop`: replies with alchemy forms for a worker, or with the reasons why it gets none. The
 * server gives a form to another worker after three minutes. Otherwise like {@link PopImage}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/interrogate/pop}
 * @since 0.1.0
 * @category endpoints
 */
export class PopAlchemy extends /* @__PURE__ */ Endpoint.Service<PopAlchemy>()("Worker/PopAlchemy", {
  method: "POST",
  path: "/v2/interrogate/pop",
  payload: InterrogationPopInput,
  success: { 200: InterrogationPopPayload },
  error: popErrors,
  apiKey: "required",
  idempotent: false,
  limits: workerLimits
}) {}

/**
 * `POST /v2/interrogate/submit`: delivers the result of a form, or reports that it could not be processed. Otherwise
 * like {@link SubmitImage}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/interrogate/submit}
 * @since 0.1.0
 * @category endpoints
 */
export class SubmitAlchemy extends /* @__PURE__ */ Endpoint.Service<SubmitAlchemy>()("Worker/SubmitAlchemy", {
  method: "POST",
  path: "/v2/interrogate/submit",
  payload: InterrogationSubmitInput,
  success: { 200: GenerationSubmitted },
  error: submitErrors,
  apiKey: "required",
  idempotent: true,
  limits: workerLimits,
  hints: unknownJob
}) {}

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
