/**
 * The endpoints of workers. Programs import them from `Worker`.
 *
 * @since 0.1.0
 */
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { GenerationSubmitted } from "../jobs/models.js"
import { InterrogationPopInput, PopInputKobold, PopInputStable } from "./popInput.js"
import { GenerationPayloadKobold, GenerationPayloadStable, InterrogationPopPayload } from "./popReply.js"
import { InterrogationSubmitInput, SubmitInputKobold, SubmitInputStable } from "./submitInput.js"

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
