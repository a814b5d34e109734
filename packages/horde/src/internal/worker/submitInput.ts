/**
 * The results that workers deliver. Programs import them from `Worker`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { MetadataType, MetadataValue } from "../image/models/values.js"
import { GenerationId } from "../jobs/models.js"
import { type Model, model } from "../schema/model.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, FreeForm, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"

/**
 * How a job ended: `ok`, `censored` (the worker replaced the result), `csam` (the worker refused the prompt), or
 * `faulted` (the worker could not generate it, and the server gives the job to another worker).
 *
 * @since 0.1.0
 * @category models
 */
export type SubmitState = OpenEnum<"ok" | "censored" | "faulted" | "csam">

const metadataFields = {
  /** The subject. */
  type: openEnum<MetadataType>(),
  /** The content; `see_ref` refers to the text in `ref`. */
  value: openEnum<MetadataValue>(),
  /** The object that is meant, or the text; at most 255 characters. */
  ref: optional(Schema.String.pipe(Schema.maxLength(255)))
}

/**
 * Metadata of a delivered result, such as a LoRA that could not be downloaded.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitMetadata extends Schema.Struct.Type<typeof metadataFields> {}

const metadata = (identifier: string) =>
  optional(Schema.Array(model(identifier, metadataFields)).pipe(Schema.maxItems(50)))

const submitFields = {
  /** The id of the job, from the reply to the pop. */
  id: GenerationId,
  /** `ok` by default. */
  state: optional(openEnum<SubmitState>()),
  /** Fields that this version does not declare. */
  extra
}

const imageFields = {
  ...submitFields,
  /** `R2` if the image was sent to the link of the pop; otherwise the image as base64 (WebP). */
  generation: sensitive(Schema.String),
  /** The seed with which the image was generated. */
  seed: Schema.Int,
  /** Obsolete: use `state`. */
  censored: optional(Schema.Boolean),
  /** At most 50 entries: with more, the server takes and pays the result, but refuses the call. */
  gen_metadata: metadata("GenerationMetadataStable")
}

/**
 * A generated image, or the report that it could not be generated.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitInputStable extends Schema.Struct.Type<typeof imageFields> {}

/**
 * The schema of {@link SubmitInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmitInputStable: Model<SubmitInputStable, typeof imageFields> = model("SubmitInputStable", imageFields)

const textFields = {
  ...submitFields,
  /** The text. */
  generation: sensitive(Schema.String),
  /** The seed with which the text was generated; 0 by default. */
  seed: optional(Schema.Int),
  /** At most 50 entries: with more, the server takes and pays the result, but refuses the call. */
  gen_metadata: metadata("GenerationMetadataKobold")
}

/**
 * A generated text, or the report that it could not be generated.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmitInputKobold extends Schema.Struct.Type<typeof textFields> {}

/**
 * The schema of {@link SubmitInputKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SubmitInputKobold: Model<SubmitInputKobold, typeof textFields> = model("SubmitInputKobold", textFields)

const alchemyFields = {
  ...submitFields,
  /** The result under the name of the form; for a post-processor, `R2` if the image was sent to the link of the pop. */
  result: sensitive(FreeForm)
}

/**
 * The result of an alchemy form, or the report (`faulted`) that the form could not be processed.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationSubmitInput extends Schema.Struct.Type<typeof alchemyFields> {}

/**
 * The schema of {@link InterrogationSubmitInput}. The server publishes no name for it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InterrogationSubmitInput: Model<InterrogationSubmitInput, typeof alchemyFields> = model(
  "InterrogationSubmitInput",
  alchemyFields
)
