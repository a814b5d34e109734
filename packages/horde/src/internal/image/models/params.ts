/**
 * The generation parameters of a request for images: its field `params`.
 *
 * The defaults are those that the server applies; some differ from the ones in its documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { identity } from "../../schema/identity.js"
import { openEnum } from "../../schema/openEnum.js"
import { optional } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { styleParamsFields } from "./styleParams.js"
import type { ControlType } from "./values.js"

export type { ModelPayloadLorasStable, ModelPayloadTextualInversionsStable } from "./styleParams.js"

const flag = optional(Schema.Boolean)
const int = (min: number, max: number) => optional(Schema.Int.pipe(Schema.between(min, max)))
const number = (min: number, max: number) => optional(Schema.Number.pipe(Schema.between(min, max)))

const extraTextFields = {
  /** The text, at least 1 character. */
  text: sensitive(Schema.String.pipe(Schema.minLength(1))),
  /** The name of the text in the workflow, at least 3 characters, such as `qr_code`. */
  reference: Schema.String.pipe(Schema.minLength(3))
}

/**
 * An input text of a workflow, in addition to the prompt.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtraText extends Schema.Struct.Type<typeof extraTextFields> {}

const ExtraText: Schema.Schema<ExtraText> = Schema.Struct(extraTextFields).annotations({ identifier: "ExtraText" })

/** Sent as text. */
const Seed: Schema.Schema<string | number, string> = Schema.transform(
  Schema.String,
  Schema.Union(Schema.String, Schema.Int),
  { strict: true, decode: (seed) => seed, encode: String }
)

const paramsFields = {
  ...styleParamsFields,
  /** The number of images, 1 to 20; 1 by default. */
  n: int(1, 20),
  /**
   * The seed, an integer or a text. The server converts a text that is not a number. By default each image gets a
   * random seed.
   */
  seed: optional(identity(Seed, "contentWithoutDefault")),
  /** The difference between the seeds of consecutive images, 1 to 1000. */
  seed_variation: int(1, 1000),
  /** The ControlNet to apply to the source image; none by default. */
  control_type: optional(identity(openEnum<ControlType>(), "contentWithoutDefault")),
  /** The strength of the ControlNet, 0.01 to 3; newer servers only. */
  control_strength: number(0.01, 3),
  /** Whether the source image is a control map already; off by default. */
  image_is_control: flag,
  /** Whether to return the control map instead of an image; off by default. */
  return_control_map: flag,
  /** Whether the worker censors unsafe images; newer servers only. */
  use_nsfw_censor: flag,
  /** The input texts of the workflow. */
  extra_texts: optional(Schema.Array(ExtraText))
}

/**
 * The generation parameters of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelGenerationInputStable extends Schema.Struct.Type<typeof paramsFields> {}

/**
 * {@link ModelGenerationInputStable} as JSON, before the fields in `extra` are moved one level up.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelGenerationInputStableEncoded extends Schema.Struct.Encoded<typeof paramsFields> {}

/**
 * The schema of {@link ModelGenerationInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelGenerationInputStable: Schema.Schema<ModelGenerationInputStable, ModelGenerationInputStableEncoded> =
  Schema.Struct(paramsFields).annotations({ identifier: "ModelGenerationInputStable" })
