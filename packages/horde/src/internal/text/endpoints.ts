/**
 * The endpoints of text jobs. Programs import them from `TextGeneration`.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { GenerationRequestId, isOver } from "../jobs/models.js"
import { dryRunOf, submitErrors, submitLimits, waiting } from "../jobs/submitRoute.js"
import { textRequestRule } from "./models/identity.js"
import { PriceReply, RequestAsyncKobold, RequestStatusKobold } from "./models/reply.js"
import { GenerationInputKobold, type GenerationInputKoboldEncoded } from "./models/request.js"
import { GenerationSubmittedKobold } from "./models/submitted.js"

/**
 * `DELETE /v2/generate/text/status/{id}`: cancels a job. Waiting texts are dropped; a text that a worker is generating
 * may still be delivered and charged. The reply has the finished texts, and the counts before the cancel. A cancelled
 * job never becomes `done`. At most 60 calls per minute and job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Cancel extends /* @__PURE__ */ Endpoint.Service<Cancel>()("TextGeneration/Cancel", {
  method: "DELETE",
  path: "/v2/generate/text/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusKobold },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 60, per: "1 minute", key: "path" }],
  followUp: { _tag: "Cancels", job: "text" }
}) {}

/**
 * `POST /v2/generate/text/async`: submits a request, and replies with the id of the job. The job belongs to the current
 * scope: it is cancelled if the scope closes before it is over.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Submit extends /* @__PURE__ */ Endpoint.Service<Submit>()("TextGeneration/Submit", {
  method: "POST",
  path: "/v2/generate/text/async",
  payload: GenerationInputKobold,
  success: { 202: RequestAsyncKobold },
  error: submitErrors,
  apiKey: "required",
  idempotent: false,
  proxiedFor: true,
  limits: submitLimits,
  resultsExpected: (payload: GenerationInputKobold) => payload.params?.n ?? 1,
  followUp: {
    _tag: "Starts",
    job: "text",
    id: (reply: RequestAsyncKobold) => reply.id,
    cancel: Cancel.declaration,
    request: textRequestRule
  }
}) {}

const PriceInput: Schema.Schema<GenerationInputKobold, GenerationInputKoboldEncoded & { readonly dry_run: true }> =
  dryRunOf(GenerationInputKobold).annotations({ identifier: "GenerationInputKobold" })

/**
 * `POST /v2/generate/text/async` with `dry_run`: replies with the price of all texts of a request, in kudos, and starts
 * no job. The server may reply from a cache without a check of the API key.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Price extends /* @__PURE__ */ Endpoint.Service<Price>()("TextGeneration/Price", {
  method: "POST",
  path: "/v2/generate/text/async",
  payload: PriceInput,
  success: { 200: PriceReply },
  error: submitErrors,
  apiKey: "required",
  idempotent: true,
  proxiedFor: true,
  limits: submitLimits,
  resultsExpected: () => 0
}) {}

/**
 * `GET /v2/generate/text/status/{id}`: replies with the state of a job and its delivered texts. The server has no
 * cheaper call for text jobs. At most 60 calls per minute and job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Status extends /* @__PURE__ */ Endpoint.Service<Status>()("TextGeneration/Status", {
  method: "GET",
  path: "/v2/generate/text/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusKobold },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 60, per: "1 minute", key: "path" }],
  followUp: { _tag: "Settles", job: "text", isOver, waiting }
}) {}

/**
 * `GET /v2/generate/text/request/{id}`: replies with the request of a job. The call needs the API key that submitted
 * the request; if that was a shared key, its owner's key works too. With any other key, and always with the anonymous
 * key, it fails with `Forbidden`. If the server does not know the job, it fails with `NotFound`.
 *
 * Newer servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Submitted extends /* @__PURE__ */ Endpoint.Service<Submitted>()("TextGeneration/Submitted", {
  method: "GET",
  path: "/v2/generate/text/request/:id",
  params: { id: GenerationRequestId },
  success: { 200: GenerationSubmittedKobold },
  error: [HordeError.Unauthorized, HordeError.Forbidden, HordeError.NotFound],
  apiKey: "required",
  idempotent: true
}) {}
