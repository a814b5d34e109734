/**
 * The endpoints of image jobs. Programs import them from `ImageGeneration`.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { GenerationRequestId, GenerationSubmitted, isOver, RequestStatusCheck } from "../jobs/models.js"
import { dryRunOf, submitErrors, submitLimits, waiting } from "../jobs/submitRoute.js"
import { imageRequestRule } from "./models/identity.js"
import { AestheticsPayload } from "./models/rating.js"
import { PriceReply, RequestAsyncStable, RequestStatusStable } from "./models/reply.js"
import { GenerationInputStable, type GenerationInputStableEncoded } from "./models/request.js"
import { GenerationSubmittedStable } from "./models/submitted.js"

/**
 * `DELETE /v2/generate/status/{id}`: cancels a job. Waiting images are dropped; an image that a worker is generating
 * may still be delivered and charged. The reply has the finished images, and the counts before the cancel. At most 10
 * calls per minute and job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Cancel extends /* @__PURE__ */ Endpoint.Service<Cancel>()("ImageGeneration/Cancel", {
  method: "DELETE",
  path: "/v2/generate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusStable },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 minute", key: "path" }],
  followUp: { _tag: "Cancels", job: "image" }
}) {}

/**
 * `POST /v2/generate/async`: submits a request, and replies with the id of the job. The job belongs to the current
 * scope: it is cancelled if the scope closes before it is over.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Submit extends /* @__PURE__ */ Endpoint.Service<Submit>()("ImageGeneration/Submit", {
  method: "POST",
  path: "/v2/generate/async",
  payload: GenerationInputStable,
  success: { 202: RequestAsyncStable },
  error: submitErrors,
  apiKey: "required",
  idempotent: false,
  proxiedFor: true,
  limits: submitLimits,
  resultsExpected: (payload: GenerationInputStable) => payload.params?.n ?? 1,
  followUp: {
    _tag: "Starts",
    job: "image",
    id: (reply: RequestAsyncStable) => reply.id,
    cancel: Cancel.declaration,
    request: imageRequestRule
  }
}) {}

const PriceInput: Schema.Schema<GenerationInputStable, GenerationInputStableEncoded & { readonly dry_run: true }> =
  dryRunOf(GenerationInputStable).annotations({ identifier: "GenerationInputStable" })

/**
 * `POST /v2/generate/async` with `dry_run`: replies with the price of all images of a request, in kudos, and starts no
 * job. The server may reply from a cache without a check of the API key.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Price extends /* @__PURE__ */ Endpoint.Service<Price>()("ImageGeneration/Price", {
  method: "POST",
  path: "/v2/generate/async",
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
 * `GET /v2/generate/check/{id}`: replies with the state of a job, without its images. The reply may be up to one second
 * old. At most 10 calls per second and job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Check extends /* @__PURE__ */ Endpoint.Service<Check>()("ImageGeneration/Check", {
  method: "GET",
  path: "/v2/generate/check/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusCheck },
  error: [HordeError.NotFound, HordeError.Forbidden],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 second", key: "path" }],
  followUp: { _tag: "Settles", job: "image", isOver, waiting }
}) {}

/**
 * `GET /v2/generate/status/{id}`: replies with the state of a job and its delivered images. At most 10 calls per minute
 * and job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Status extends /* @__PURE__ */ Endpoint.Service<Status>()("ImageGeneration/Status", {
  method: "GET",
  path: "/v2/generate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusStable },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 minute", key: "path" }],
  followUp: { _tag: "Settles", job: "image", isOver, waiting }
}) {}

/**
 * `GET /v2/generate/request/{id}`: replies with the request of a job. The call needs the API key that submitted the
 * request; if that was a shared key, its owner's key works too. With any other key, and always with the anonymous key,
 * it fails with `Forbidden`. If the server does not know the job, it fails with `NotFound`.
 *
 * Newer servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Submitted extends /* @__PURE__ */ Endpoint.Service<Submitted>()("ImageGeneration/Submitted", {
  method: "GET",
  path: "/v2/generate/request/:id",
  params: { id: GenerationRequestId },
  success: { 200: GenerationSubmittedStable },
  error: [HordeError.Unauthorized, HordeError.Forbidden, HordeError.NotFound],
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `POST /v2/generate/rate/{id}`: rates the images of a finished job, and replies with the kudos earned. The server passes
 * the ratings on to another service: a refusal of that service is `BadRequest` with a code such as
 * `AestheticsAlreadyExist`. Servers up to version 5.1.5 refuse all ratings, because they share no images.
 *
 * The call is not repeated if its reply is lost. At most 5 calls per minute and job.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/generate/rate/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Rate extends /* @__PURE__ */ Endpoint.Service<Rate>()("ImageGeneration/Rate", {
  method: "POST",
  path: "/v2/generate/rate/:id",
  params: { id: GenerationRequestId },
  payload: AestheticsPayload,
  success: { 200: GenerationSubmitted },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: false,
  limits: [{ max: 5, per: "1 minute", key: "path" }]
}) {}
