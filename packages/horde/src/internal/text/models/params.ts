/**
 * The generation parameters of a request for texts: its field `params`.
 *
 * Where no default is given, the worker decides.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { optional } from "../../schema/optional.js"
import { styleParamsFields } from "./styleParams.js"

const Int = (min: number, max: number) => Schema.Int.pipe(Schema.between(min, max))

const paramsFields = {
  /** The number of texts, 1 to 20; 1 by default. */
  n: optional(Int(1, 20)),
  /**
   * The maximum length of a text in tokens (about 4 characters each), 16 to 16,384; 80 by default. Servers up to
   * version 5.1.5 allow at most 4096.
   */
  max_length: optional(Int(16, 16_384)),
  /**
   * The maximum length of prompt and text together in tokens, 80 to 1,048,576 and at least `max_length`; 2048 by
   * default.
   */
  max_context_length: optional(Int(80, 1_048_576)),
  ...styleParamsFields
}

/**
 * The generation parameters of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelGenerationInputKobold extends Schema.Struct.Type<typeof paramsFields> {}

/**
 * {@link ModelGenerationInputKobold} as JSON, before the fields in `extra` are moved one level up.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelGenerationInputKoboldEncoded extends Schema.Struct.Encoded<typeof paramsFields> {}

/**
 * The schema of {@link ModelGenerationInputKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelGenerationInputKobold: Schema.Schema<ModelGenerationInputKobold, ModelGenerationInputKoboldEncoded> =
  Schema.Struct(paramsFields).annotations({ identifier: "ModelGenerationInputKobold" })
