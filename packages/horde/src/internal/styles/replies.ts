/**
 * Styles as the server reports them. Programs import them from `Styles`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { SubmittedParams as ImageParams } from "../image/models/reportedParams.js"
import { type Model, model } from "../schema/model.js"
import { nullable } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { FreeForm } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { nullableDate } from "../schema/timestamp.js"
import { fallback } from "../schema/tolerantDecoder.js"
import { SharedKeyDetails } from "../sharedKeys/models.js"
import { SubmittedParams as TextParams } from "../text/models/reportedParams.js"

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)
const texts = nullable(Schema.Array(Schema.String))

const styleFields = {
  id: Schema.String,
  name: fallback(Schema.String, ""),
  info: text,
  /** The prompt with its placeholders. */
  prompt: nullable(sensitive(Schema.String)),
  public: flag,
  nsfw: flag,
  tags: texts,
  /** The names of the models that the style uses. */
  models: texts,
  /** How many results were requested with the style. */
  use_count: number,
  /** The account of the style, as `alias#id`. */
  creator: text,
  /** The shared key that pays for requests with the style; on newer servers visible to the owner only. */
  shared_key: nullable(SharedKeyDetails),
  /** What a request may change; newer servers only. */
  parameter_policy: nullable(
    Schema.Struct({
      override: nullable(openEnum<OpenEnum<"none" | "listed" | "all">>()),
      overridable: texts,
      ceilings: nullable(FreeForm)
    })
  ),
  /** The placeholders for which a request gives a text; newer servers only. */
  template_fields: nullable(Schema.Array(Schema.Struct({ name: text, description: text, required: flag }))),
  /** The time of the last change; newer servers only. */
  updated: nullableDate
}

const exampleFields = { id: text, url: text, primary: flag }

/**
 * An example picture of a style.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleExample extends Schema.Struct.Type<typeof exampleFields> {}

const StyleExample: Model<StyleExample, typeof exampleFields> = model("StyleExample", exampleFields)

const imageFields = {
  ...styleFields,
  /** The generation parameters. */
  params: nullable(ImageParams),
  examples: nullable(Schema.Array(StyleExample))
}

/**
 * An image style.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleStable extends Schema.Struct.Type<typeof imageFields> {}

/**
 * The schema of {@link StyleStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StyleStable: Model<StyleStable, typeof imageFields> = model("StyleStable", imageFields)

const textFields = {
  ...styleFields,
  /** The generation parameters. */
  params: nullable(TextParams),
  /** The maximum length of a text in tokens; newer servers only. */
  max_length: number,
  /** The maximum length of prompt and text together in tokens; newer servers only. */
  max_context_length: number
}

/**
 * A text style.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleKobold extends Schema.Struct.Type<typeof textFields> {}

/**
 * The schema of {@link StyleKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StyleKobold: Model<StyleKobold, typeof textFields> = model("StyleKobold", textFields)
