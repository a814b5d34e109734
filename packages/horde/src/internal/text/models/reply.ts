/**
 * Replies about text jobs.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  checkFields,
  GenerationRequestId,
  RequestSingleWarning,
  type RequestStatusCheck,
  type RequestStatusCheckEncoded,
  WorkerId
} from "../../jobs/models.js"
import type { Model } from "../../schema/model.js"
import { nullable, withDefault } from "../../schema/nullable.js"
import { type OpenEnum, openEnum } from "../../schema/openEnum.js"
import { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { fallbackWhenAbsent } from "../../schema/tolerantDecoder.js"
import type { ContextFit } from "./request.js"

const resolvedFields = {
  prompt: nullable(sensitive(Schema.String)),
  models: nullable(Schema.Array(Schema.String)),
  style: nullable(Schema.Struct({ id: nullable(Schema.String), name: nullable(Schema.String) })),
  params: nullable(FreeForm),
  /** The estimated length of the prompt in tokens. */
  estimated_prompt_tokens: nullable(Schema.Number),
  context_fit: nullable(openEnum<ContextFit>())
}

/**
 * A request after the server has applied styles and defaults; newer servers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResolvedRequest extends Schema.Struct.Type<typeof resolvedFields> {}

const ResolvedRequest: Model<ResolvedRequest, typeof resolvedFields> = Schema.Struct(resolvedFields)

const requestAsyncFields = {
  /** The id of the job. */
  id: GenerationRequestId,
  /** Always 0: the server does not estimate the price of texts here. `TextGeneration.Price` replies with the price. */
  kudos: nullable(Schema.Number),
  /** The server's message if no online worker can take the request. */
  message: nullable(Schema.String),
  /** The server's warnings about the request; none up to version 5.1.5. */
  warnings: nullable(Schema.Array(RequestSingleWarning)),
  resolved: nullable(ResolvedRequest)
}

/**
 * The reply to an accepted request.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncKobold extends Schema.Struct.Type<typeof requestAsyncFields> {}

/**
 * {@link RequestAsyncKobold} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncKoboldEncoded extends Schema.Struct.Encoded<typeof requestAsyncFields> {}

/**
 * The schema of {@link RequestAsyncKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestAsyncKobold: Schema.Schema<RequestAsyncKobold, RequestAsyncKoboldEncoded> = Schema.Struct(
  requestAsyncFields
).annotations({ identifier: "RequestAsyncKobold" })

const priceFields = {
  /** The price of all texts together, in kudos. */
  kudos: Schema.Number,
  resolved: nullable(ResolvedRequest)
}

/**
 * The price of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface PriceReply extends Schema.Struct.Type<typeof priceFields> {}

/**
 * {@link PriceReply} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface PriceReplyEncoded extends Schema.Struct.Encoded<typeof priceFields> {}

/**
 * The schema of {@link PriceReply}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PriceReply: Schema.Schema<PriceReply, PriceReplyEncoded> = Schema.Struct(priceFields).annotations({
  identifier: "PriceReply"
})

/**
 * Whether a text was censored, and why.
 *
 * @since 0.1.0
 * @category models
 */
export type GenerationState = OpenEnum<"ok" | "censored" | "csam">

const metadataFields = {
  /** The subject. */
  type: openEnum<OpenEnum<"censorship">>(),
  /** The content. */
  value: nullable(openEnum<OpenEnum<"csam">>()),
  /** The object that is meant. */
  ref: nullable(Schema.String)
}

/**
 * Metadata of a result.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationMetadataKobold extends Schema.Struct.Type<typeof metadataFields> {}

const GenerationMetadataKobold: Model<GenerationMetadataKobold, typeof metadataFields> = Schema.Struct(
  metadataFields
).annotations({ identifier: "GenerationMetadataKobold" })

const generationFields = {
  /** The text; absent if the server sent no readable one. */
  text: nullable(sensitive(Schema.String)),
  /** The seed of the text; 0 if the worker reported none. */
  seed: withDefault(Schema.Number, 0),
  state: withDefault(openEnum<GenerationState>(), "ok"),
  /** The worker's notes on the text. */
  gen_metadata: withDefault(Schema.Array(GenerationMetadataKobold), []),
  /** The model that generated the text. */
  model: nullable(Schema.String),
  worker_id: nullable(WorkerId),
  worker_name: nullable(Schema.String)
}

/**
 * One delivered text. The server gives texts no id.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationKobold extends Schema.Struct.Type<typeof generationFields> {}

/**
 * {@link GenerationKobold} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationKoboldEncoded extends Schema.Struct.Encoded<typeof generationFields> {}

/**
 * The schema of {@link GenerationKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationKobold: Schema.Schema<GenerationKobold, GenerationKoboldEncoded> = Schema.Struct(
  generationFields
).annotations({ identifier: "GenerationKobold" })

const statusFields = {
  /** The delivered texts, in no particular order. */
  generations: fallbackWhenAbsent(Schema.Array(GenerationKobold), [])
}

/**
 * The state of a text job, with the delivered texts. A job that was cancelled, or whose texts failed, never becomes
 * `done`.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusKobold extends RequestStatusCheck, Schema.Struct.Type<typeof statusFields> {}

/**
 * {@link RequestStatusKobold} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusKoboldEncoded
  extends RequestStatusCheckEncoded,
    Schema.Struct.Encoded<typeof statusFields> {}

/**
 * The schema of {@link RequestStatusKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestStatusKobold: Schema.Schema<RequestStatusKobold, RequestStatusKoboldEncoded> = Schema.Struct({
  ...checkFields,
  ...statusFields
}).annotations({ identifier: "RequestStatusKobold" })
