/**
 * Styles as they are created and changed. Programs import them from `Styles`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ModelStyleInputParamsStable } from "../image/models/styleParams.js"
import { type Model, model } from "../schema/model.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, FreeForm, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { SharedKeyId } from "../sharedKeys/models.js"
import { ModelStyleInputParamsKobold } from "../text/models/styleParams.js"

const flag = optional(Schema.Boolean)
const text = (min: number, max: number) => Schema.String.pipe(Schema.minLength(min), Schema.maxLength(max))
const prompt = (min: number) => optional(sensitive(Schema.String.pipe(Schema.minLength(min))))
const nonEmptyTexts = Schema.Array(Schema.String.pipe(Schema.minLength(1)))

const policyFields = {
  /** Which parameters a request may set itself. */
  override: optional(openEnum<OpenEnum<"none" | "listed" | "all">>()),
  /** The names of those parameters, for `listed`. */
  overridable: optional(Schema.Array(Schema.String)),
  /** The maximum of each parameter that a request sets, by its name. */
  ceilings: optional(FreeForm)
}

/**
 * What a request may change in a style; newer servers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleParameterPolicy extends Schema.Struct.Type<typeof policyFields> {}

const StyleParameterPolicy: Model<StyleParameterPolicy, typeof policyFields> = Schema.Struct(policyFields)

const templateFields = {
  /** The name of the placeholder, 1 to 32 characters. */
  name: text(1, 32),
  /** The meaning of the placeholder, 1 to 200 characters. */
  description: optional(text(1, 200)),
  /** Whether a request has to give its text. */
  required: flag
}

/**
 * A placeholder in the prompt of a style, for which a request gives a text; newer servers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface StyleTemplateField extends Schema.Struct.Type<typeof templateFields> {}

const StyleTemplateField: Model<StyleTemplateField, typeof templateFields> = Schema.Struct(templateFields)

const commonFields = {
  /** Whether others can find the style; on by default. */
  public: flag,
  /** Whether the style generates unsafe results; off by default. */
  nsfw: flag,
  /** At most 10 tags of 1 to 25 characters. */
  tags: optional(Schema.Array(text(1, 25))),
  /** The shared key that pays for requests with this style. */
  sharedkey: optional(SharedKeyId),
  /** What a request may change; newer servers only. */
  parameter_policy: optional(StyleParameterPolicy),
  /** The placeholders of the prompt, at most 16; newer servers only. */
  template_fields: optional(Schema.Array(StyleTemplateField).pipe(Schema.maxItems(16))),
  /** Fields that this version does not declare. */
  extra
}

const newStyleFields = {
  ...commonFields,
  /** The name of the style, 1 to 100 characters. */
  name: text(1, 100),
  /** A description, 10 to 1000 characters. */
  info: optional(text(10, 1000)),
  /** The names of the models that the style uses, 1 to 5. */
  models: nonEmptyTexts
}

const changedStyleFields = {
  ...commonFields,
  /** The name of the style, 1 to 100 characters. Servers up to version 5.1.5 refuse changes without it. */
  name: optional(text(1, 100)),
  /** A description, 1 to 1000 characters; servers up to version 5.1.5 refuse less than 10. */
  info: optional(text(1, 1000)),
  /** The names of the models that the style uses, 1 to 5. */
  models: optional(nonEmptyTexts)
}

const newImageFields = {
  ...newStyleFields,
  /** The prompt with the placeholders `{p}` and `{np}`, at least 7 characters; `{p}{np}` by default. */
  prompt: prompt(7),
  /** The generation parameters. */
  params: optional(ModelStyleInputParamsStable)
}

/**
 * An image style to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStyleInputStable extends Schema.Struct.Type<typeof newImageFields> {}

/**
 * The schema of {@link ModelStyleInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStyleInputStable: Model<ModelStyleInputStable, typeof newImageFields> = model(
  "ModelStyleInputStable",
  newImageFields
)

const changedImageFields = {
  ...changedStyleFields,
  /** The prompt with the placeholders `{p}` and `{np}`, at least 7 characters. */
  prompt: prompt(7),
  /** The generation parameters. */
  params: optional(ModelStyleInputParamsStable)
}

/**
 * Changes of an image style.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStylePatchStable extends Schema.Struct.Type<typeof changedImageFields> {}

/**
 * The schema of {@link ModelStylePatchStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStylePatchStable: Model<ModelStylePatchStable, typeof changedImageFields> = model(
  "ModelStylePatchStable",
  changedImageFields
)

const textOnlyFields = {
  /** The generation parameters. */
  params: optional(ModelStyleInputParamsKobold),
  /** The maximum length of a text in tokens; newer servers only. */
  max_length: optional(Schema.Int),
  /** The maximum length of prompt and text together in tokens; newer servers only. */
  max_context_length: optional(Schema.Int)
}

const newTextFields = {
  ...newStyleFields,
  ...textOnlyFields,
  /** The prompt with the placeholder `{p}`, at least 3 characters; `{p}` by default. */
  prompt: prompt(3)
}

/**
 * A text style to create.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStyleInputKobold extends Schema.Struct.Type<typeof newTextFields> {}

/**
 * The schema of {@link ModelStyleInputKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStyleInputKobold: Model<ModelStyleInputKobold, typeof newTextFields> = model(
  "ModelStyleInputKobold",
  newTextFields
)

const changedTextFields = {
  ...changedStyleFields,
  ...textOnlyFields,
  /** The prompt with the placeholder `{p}`, at least 7 characters. */
  prompt: prompt(7)
}

/**
 * Changes of a text style.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStylePatchKobold extends Schema.Struct.Type<typeof changedTextFields> {}

/**
 * The schema of {@link ModelStylePatchKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStylePatchKobold: Model<ModelStylePatchKobold, typeof changedTextFields> = model(
  "ModelStylePatchKobold",
  changedTextFields
)

const newExampleFields = {
  /** The https URL of the picture. */
  url: Schema.String,
  /** Whether this picture is shown first. Servers up to version 5.1.5 fail if the first example of a style is primary. */
  primary: Schema.Boolean
}

/**
 * An example picture to add to a style.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputStyleExamplePost extends Schema.Struct.Type<typeof newExampleFields> {}

/**
 * The schema of {@link InputStyleExamplePost}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InputStyleExamplePost: Model<InputStyleExamplePost, typeof newExampleFields> = model(
  "InputStyleExamplePost",
  newExampleFields
)

const changedExampleFields = { url: optional(newExampleFields.url), primary: optional(newExampleFields.primary) }

/**
 * Changes of an example picture.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputStyleExamplePatch extends Schema.Struct.Type<typeof changedExampleFields> {}

/**
 * The schema of {@link InputStyleExamplePatch}. The server publishes it under the name `InputStyleExamplePost` too.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InputStyleExamplePatch: Model<InputStyleExamplePatch, typeof changedExampleFields> = model(
  "InputStyleExamplePost",
  changedExampleFields
)
