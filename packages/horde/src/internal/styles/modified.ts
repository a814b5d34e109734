/** The reply to a change of a style or a collection. Programs import it from `Styles` or `Collections`. */
import * as Schema from "effect/Schema"
import { RequestSingleWarning } from "../jobs/models.js"
import { type Model, model } from "../schema/model.js"
import { nullable, nullableText } from "../schema/nullable.js"

const modifiedFields = {
  /** The id of the style, collection or example. */
  id: Schema.String,
  message: nullableText,
  /** The server's warnings; without code and text after changes of examples. */
  warnings: nullable(Schema.Array(RequestSingleWarning))
}

/**
 * The reply to a created or changed style, collection or example.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleModify extends Schema.Struct.Type<typeof modifiedFields> {}

/**
 * The schema of {@link StyleModify}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StyleModify: Model<StyleModify, typeof modifiedFields> = model("StyleModify", modifiedFields)
