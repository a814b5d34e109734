/**
 * Alchemy: captions, tags, upscaled and otherwise processed versions of an image that exists already.
 *
 * A request lists forms, which workers process one by one. A reply has the forms in any order: find a result by the name
 * of its form.
 *
 * @example
 * ```ts
 * import * as Alchemy from "effect-horde/Alchemy"
 * import * as Effect from "effect/Effect"
 *
 * export const caption = (image: string) =>
 *   Effect.gen(function* () {
 *     const { id } = yield* Alchemy.submit({ source_image: image, forms: [{ name: "caption" }] })
 *     const last = yield* Alchemy.status(id).pipe(
 *       Effect.delay("3 seconds"),
 *       Effect.repeat({ until: Alchemy.isOver })
 *     )
 *     return last.forms.find(({ form }) => form === "caption")?.result?.caption
 *   }).pipe(Effect.scoped)
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Endpoint from "./Endpoint.js"
import type { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import { Cancel, Status, Submit } from "./internal/alchemy/endpoints.js"
import type {
  InterrogationStatus,
  ModelInterrogationInputStable,
  RequestInterrogationResponse
} from "./internal/alchemy/models.js"
import type { GenerationRequestId } from "./internal/jobs/models.js"

export { Cancel, Status, Submit } from "./internal/alchemy/endpoints.js"
export {
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
 * The errors of {@link submit}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitError = Endpoint.ErrorOf<typeof Submit>

/**
 * Submits a request. The job is cancelled if the scope closes before a reply of {@link status} shows that it is over.
 *
 * @since 0.1.0
 * @category functions
 */
export const submit = (
  request: ModelInterrogationInputStable
): Effect.Effect<RequestInterrogationResponse, SubmitError, Submit | Scope.Scope> =>
  Effect.flatMap(Submit, (call) => call({ payload: request }))

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
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Submit | Status | Cancel, never, HordeClient | FollowUp> =
  /* @__PURE__ */ Layer.suspend(() => Layer.mergeAll(Submit.layer, Status.layer, Cancel.layer))
