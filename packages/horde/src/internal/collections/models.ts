/**
 * Collections of styles. Programs import them from `Collections`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type Model, model } from "../schema/model.js"
import { nullable } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, optional } from "../schema/optional.js"
import { fallback } from "../schema/tolerantDecoder.js"
import { pageQuery } from "../styles/routes.js"

const text = nullable(Schema.String)
const upTo = (max: number) => Schema.String.pipe(Schema.minLength(1), Schema.maxLength(max))

/** The query of the list. */
export const collectionQuery = {
  ...pageQuery,
  /** Only collections of this kind of styles; `all` by default. */
  type: optional(openEnum<OpenEnum<"all" | "image" | "text">>())
}

/**
 * Which collections are listed, and in which order.
 *
 * @since 0.1.0
 * @category models
 */
export interface CollectionQuery extends Schema.Struct.Type<typeof collectionQuery> {}

const newFields = {
  /** The name of the collection, 1 to 100 characters. */
  name: upTo(100),
  /** A description, 1 to 1000 characters. */
  info: optional(upTo(1000)),
  /** Whether others can find the collection; on by default. */
  public: optional(Schema.Boolean),
  /** The styles, all of them for images or all for texts. Servers up to version 5.1.5 know names only, and fail for ids. */
  styles: Schema.Array(Schema.String.pipe(Schema.minLength(1))),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A collection to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputModelCollection extends Schema.Struct.Type<typeof newFields> {}

/**
 * The schema of {@link InputModelCollection}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InputModelCollection: Model<InputModelCollection, typeof newFields> = model(
  "InputModelCollection",
  newFields
)

const changedFields = {
  ...newFields,
  /** The name of the collection, 1 to 100 characters. */
  name: optional(newFields.name),
  /** All styles of the collection, by name. Servers up to version 5.1.5 refuse changes without them. */
  styles: optional(newFields.styles)
}

/**
 * Changes of a collection.
 *
 * @since 0.1.0
 * @category models
 */
export interface CollectionChanges extends Schema.Struct.Type<typeof changedFields> {}

/**
 * The schema of {@link CollectionChanges}. The server publishes it under the name `InputModelCollection` too.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CollectionChanges: Model<CollectionChanges, typeof changedFields> = model(
  "InputModelCollection",
  changedFields
)

const collectionFields = {
  id: Schema.String,
  name: fallback(Schema.String, ""),
  /** The kind of its styles. */
  type: nullable(openEnum<OpenEnum<"image" | "text">>()),
  info: text,
  public: nullable(Schema.Boolean),
  /** The styles; their names have the form `alias#id::style::name`. */
  styles: nullable(Schema.Array(Schema.Struct({ id: text, name: text }))),
  /** How many results were requested with the collection. */
  use_count: nullable(Schema.Number)
}

/**
 * A collection of styles.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseModelCollection extends Schema.Struct.Type<typeof collectionFields> {}

/**
 * The schema of {@link ResponseModelCollection}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ResponseModelCollection: Model<ResponseModelCollection, typeof collectionFields> = model(
  "ResponseModelCollection",
  collectionFields
)
