/**
 * Replies about image jobs.
 *
 * @since 0.1.0
 */
import * as Equivalence from "effect/Equivalence"
import * as Hash from "effect/Hash"
import * as Schema from "effect/Schema"
import {
  checkFields,
  GenerationId,
  GenerationRequestId,
  RequestSingleWarning,
  type RequestStatusCheck,
  type RequestStatusCheckEncoded,
  WorkerId
} from "../../jobs/models.js"
import type { Model } from "../../schema/model.js"
import { nullable, withDefault } from "../../schema/nullable.js"
import { openEnum } from "../../schema/openEnum.js"
import { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { fallbackWhenAbsent } from "../../schema/tolerantDecoder.js"
import type { MetadataType, MetadataValue } from "./values.js"

const resolvedFields = {
  prompt: nullable(Schema.String),
  negative_prompt: nullable(Schema.String),
  models: nullable(Schema.Array(Schema.String)),
  style: nullable(Schema.Struct({ id: nullable(Schema.String), name: nullable(Schema.String) })),
  params: nullable(FreeForm)
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
  /**
   * The estimated price of one image in kudos, without the factor of the model. `ImageGeneration.Price` replies with
   * the full price.
   */
  kudos: nullable(Schema.Number),
  /** The server's message if no online worker can take the request. */
  message: nullable(Schema.String),
  /** The server's warnings about the request. */
  warnings: nullable(Schema.Array(RequestSingleWarning)),
  resolved: nullable(ResolvedRequest)
}

/**
 * The reply to an accepted request.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncStable extends Schema.Struct.Type<typeof requestAsyncFields> {}

/**
 * {@link RequestAsyncStable} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncStableEncoded extends Schema.Struct.Encoded<typeof requestAsyncFields> {}

/**
 * The schema of {@link RequestAsyncStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestAsyncStable: Schema.Schema<RequestAsyncStable, RequestAsyncStableEncoded> = Schema.Struct(
  requestAsyncFields
).annotations({ identifier: "RequestAsyncStable" })

const priceFields = {
  /** The price of all images together, in kudos. */
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

const metadataFields = {
  /** The subject. */
  type: openEnum<MetadataType>(),
  /** The content; `see_ref` refers to the text in `ref`. */
  value: nullable(openEnum<MetadataValue>()),
  /** The object that is meant, such as the id of a LoRA; if `value` is `see_ref`, the text. */
  ref: nullable(Schema.String)
}

/**
 * Metadata of a result: a LoRA that could not be downloaded, censorship, or a free text of the worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationMetadataStable extends Schema.Struct.Type<typeof metadataFields> {}

const GenerationMetadataStable: Model<GenerationMetadataStable, typeof metadataFields> = Schema.Struct(
  metadataFields
).annotations({ identifier: "GenerationMetadataStable" })

const generationFields = {
  /** The id of the image; empty if the server sent no readable id. */
  id: fallbackWhenAbsent(GenerationId, ""),
  /**
   * A public link that is valid for 30 minutes, or the image as base64; `N/A` if the server lost the image or sent no
   * readable value.
   */
  img: fallbackWhenAbsent(sensitive(Schema.String), "N/A"),
  /** The seed of the image, as text. */
  seed: nullable(Schema.String),
  /** Whether the worker's safety filter replaced the image. */
  censored: withDefault(Schema.Boolean, false),
  /** Obsolete: always `ok`. Use `censored` and `gen_metadata`. */
  state: withDefault(Schema.String, "ok"),
  /** The worker's notes on the image. */
  gen_metadata: withDefault(Schema.Array(GenerationMetadataStable), []),
  /** The model that generated the image. */
  model: nullable(Schema.String),
  worker_id: nullable(WorkerId),
  worker_name: nullable(Schema.String)
}

/**
 * One delivered image.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationStable extends Schema.Struct.Type<typeof generationFields> {}

/**
 * {@link GenerationStable} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationStableEncoded extends Schema.Struct.Encoded<typeof generationFields> {}

/**
 * The schema of {@link GenerationStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationStable: Schema.Schema<GenerationStable, GenerationStableEncoded> = Schema.Struct(
  generationFields
).annotations({ identifier: "GenerationStable" })

const statusFields = {
  /** The delivered images, in no particular order. */
  generations: fallbackWhenAbsent(Schema.Array(GenerationStable), []),
  /** Obsolete: the server no longer shares images. */
  shared: withDefault(Schema.Boolean, false)
}

/**
 * The state of an image job, with the delivered images.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusStable extends RequestStatusCheck, Schema.Struct.Type<typeof statusFields> {}

/**
 * {@link RequestStatusStable} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusStableEncoded
  extends RequestStatusCheckEncoded,
    Schema.Struct.Encoded<typeof statusFields> {}

/**
 * The schema of {@link RequestStatusStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestStatusStable: Schema.Schema<RequestStatusStable, RequestStatusStableEncoded> = Schema.Struct({
  ...checkFields,
  ...statusFields
}).annotations({ identifier: "RequestStatusStable" })

const idsOf = (status: RequestStatusStable): ReadonlyArray<string> =>
  [...new Set(status.generations.map(({ id }) => id))].sort()

/**
 * Whether two replies contain the same images, ignoring order and repetition. `Equal` compares whole replies; this
 * compares only ids.
 *
 * @since 0.1.0
 * @category equivalence
 */
export const sameGenerations: Equivalence.Equivalence<RequestStatusStable> = Equivalence.mapInput(
  Equivalence.array(Equivalence.string),
  (status: RequestStatusStable) => [...idsOf(status)]
)

/**
 * The hash that belongs to {@link sameGenerations}.
 *
 * @since 0.1.0
 * @category equivalence
 */
export const hashGenerations = (status: RequestStatusStable): number => Hash.array(idsOf(status))
