/**
 * The endpoints of alchemy jobs. Programs import them from `Alchemy`.
 *
 * @since 0.1.0
 */
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { GenerationRequestId } from "../jobs/models.js"
import {
  InterrogationStatus,
  isOpen,
  isOver,
  ModelInterrogationInputStable,
  RequestInterrogationResponse
} from "./models.js"

/**
 * `DELETE /v2/interrogate/status/{id}`: cancels a job. The reply has the state after the cancel, with the finished
 * results. A form that a worker is processing is cancelled too, but charged. At most 10 calls per second and job.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/interrogate/status/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Cancel extends /* @__PURE__ */ Endpoint.Service<Cancel>()("Alchemy/Cancel", {
  method: "DELETE",
  path: "/v2/interrogate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: InterrogationStatus },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 second", key: "path" }],
  followUp: { _tag: "Cancels", job: "alchemy" }
}) {}

/**
 * `POST /v2/interrogate/async`: submits a request, and replies with the id of the job. The job belongs to the current
 * scope: it is cancelled if the scope closes before it is over. Needs an account's key or the anonymous one: a shared
 * key is `Unauthorized`. An account can have ten times as many unfinished forms as its `concurrency`; above that the
 * call fails with `TooManyJobs`.
 *
 * The server reports no requests of alchemy jobs: a job whose submit got no reply is not found again.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/interrogate/async}
 * @since 0.1.0
 * @category endpoints
 */
export class Submit extends /* @__PURE__ */ Endpoint.Service<Submit>()("Alchemy/Submit", {
  method: "POST",
  path: "/v2/interrogate/async",
  payload: ModelInterrogationInputStable,
  success: { 202: RequestInterrogationResponse },
  error: [HordeError.Unauthorized, HordeError.Forbidden, HordeError.TooManyJobs, HordeError.Maintenance],
  apiKey: "required",
  idempotent: false,
  resultsExpected: (payload: ModelInterrogationInputStable) => payload.forms.length,
  followUp: {
    _tag: "Starts",
    job: "alchemy",
    id: (reply: RequestInterrogationResponse) => reply.id,
    cancel: Cancel.declaration,
    request: { content: [], presence: [], neverFilledIn: [] }
  },
  hints: { 401: "no account has this API key; shared keys are not accepted here" }
}) {}

/**
 * `GET /v2/interrogate/status/{id}`: replies with the state of a job and the results of its finished forms. The server
 * has no cheaper call for alchemy jobs. At most 10 calls per second and job.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/interrogate/status/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Status extends /* @__PURE__ */ Endpoint.Service<Status>()("Alchemy/Status", {
  method: "GET",
  path: "/v2/interrogate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: InterrogationStatus },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 second", key: "path" }],
  followUp: {
    _tag: "Settles",
    job: "alchemy",
    isOver,
    // the quota of alchemy counts the forms that workers are processing too
    waiting: (reply: InterrogationStatus) => reply.forms.filter(isOpen).length
  }
}) {}
