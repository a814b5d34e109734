/**
 * Alchemy jobs: requests and replies. Programs import them from `Alchemy`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { ControlType } from "../image/models/values.js"
import { GenerationRequestId } from "../jobs/models.js"
import { type Model, model, type OpenModel, openModel } from "../schema/model.js"
import { nullable } from "../schema/nullable.js"
import { openEnum } from "../schema/openEnum.js"
import { extra, type FreeForm, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { fallbackWhenAbsent } from "../schema/tolerantDecoder.js"
import type { AlchemyForm, AlchemyState, FormState } from "./values.js"

const payloadFields = {
  /** The control type of the form `annotation`; newer servers only. */
  control_type: Schema.optionalWith(openEnum<ControlType>(), { nullable: true })
}

/**
 * The parameters of a form. Undeclared fields are kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface FormPayload extends FreeForm, Schema.Struct.Type<typeof payloadFields> {}

/** The schema of {@link FormPayload}. */
export const FormPayload: OpenModel<FormPayload, typeof payloadFields> = openModel(
  "ModelInterrogationFormPayloadStable",
  payloadFields
)

const formFields = {
  /** What is done with the source image. */
  name: openEnum<AlchemyForm>(),
  payload: optional(FormPayload)
}

/**
 * A form of an alchemy request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelInterrogationFormStable extends Schema.Struct.Type<typeof formFields> {}

const Form: Model<ModelInterrogationFormStable, typeof formFields> = model("ModelInterrogationFormStable", formFields)

const requestFields = {
  /** The image as base64, or a URL from which the server and the workers download it. At most 255 tiles of 512 × 512. */
  source_image: sensitive(Schema.String),
  /** The forms to apply to the image. The server processes a repeated form again. */
  forms: Schema.Array(Form),
  /** Whether slow workers may take the request; on by default. */
  slow_workers: optional(Schema.Boolean),
  /** Whether only trusted workers may take the request; off by default. */
  trusted_workers: optional(Schema.Boolean),
  /** An https URL, 10 to 1024 characters. The server sends a request to it for each form. */
  webhook: optional(sensitive(Schema.String.pipe(Schema.minLength(10), Schema.maxLength(1024)))),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A request for alchemy (`POST /v2/interrogate/async`).
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelInterrogationInputStable extends Schema.Struct.Type<typeof requestFields> {}

/**
 * The schema of {@link ModelInterrogationInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelInterrogationInputStable: Model<ModelInterrogationInputStable, typeof requestFields> = model(
  "ModelInterrogationInputStable",
  requestFields
)

const acceptedFields = {
  /** The id of the job. */
  id: GenerationRequestId,
  message: nullable(Schema.String)
}

/**
 * The reply to an accepted request.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestInterrogationResponse extends Schema.Struct.Type<typeof acceptedFields> {}

/**
 * The schema of {@link RequestInterrogationResponse}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestInterrogationResponse: Model<RequestInterrogationResponse, typeof acceptedFields> = model(
  "RequestInterrogationResponse",
  acceptedFields
)

const secret = nullable(sensitive(Schema.String))

const tags = nullable(Schema.Array(Schema.Struct({ text: secret, confidence: nullable(Schema.Number) })))

const detailsFields = {
  tags,
  sites: tags,
  artists: tags,
  flavors: tags,
  mediums: tags,
  movements: tags,
  techniques: tags
}

/**
 * The result of the form `interrogation`: texts that describe the image, with a confidence each.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationDetails extends Schema.Struct.Type<typeof detailsFields> {}

const InterrogationDetails: Model<InterrogationDetails, typeof detailsFields> = Schema.Struct(detailsFields)

const resultFields = {
  caption: secret,
  interrogation: nullable(InterrogationDetails),
  /** Whether the image is unsafe for work. */
  nsfw: nullable(Schema.Boolean),
  vectorize: secret,
  /** Newer servers only. */
  annotation: secret,
  GFPGAN: secret,
  RealESRGAN_x4plus: secret,
  RealESRGAN_x2plus: secret,
  RealESRGAN_x4plus_anime_6B: secret,
  NMKD_Siax: secret,
  "4x_AnimeSharp": secret,
  CodeFormers: secret,
  strip_background: secret
}

/**
 * The result of a form, under the name of the form. The result of a post-processor is a link to an image, valid for 30
 * minutes. The results of other forms are kept as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationFormResult extends FreeForm, Schema.Struct.Type<typeof resultFields> {}

const InterrogationFormResult: OpenModel<InterrogationFormResult, typeof resultFields> = openModel(
  "InterrogationFormResult",
  resultFields
)

const formStatusFields = {
  form: openEnum<AlchemyForm>(),
  state: openEnum<FormState>(),
  /** Absent until the form is done. */
  result: nullable(InterrogationFormResult)
}

/**
 * The state of a form, and its result.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationFormStatus extends Schema.Struct.Type<typeof formStatusFields> {}

const InterrogationFormStatus: Model<InterrogationFormStatus, typeof formStatusFields> = model(
  "InterrogationFormStatus",
  formStatusFields
)

const statusFields = {
  /** The state of the job; `waiting` also between two forms. */
  state: openEnum<AlchemyState>(),
  /** The forms, in another order in each reply; a form may be there twice. */
  forms: fallbackWhenAbsent(Schema.Array(InterrogationFormStatus), [])
}

/**
 * The state of an alchemy job. Whether it is over: see `Alchemy.isOver`.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationStatus extends Schema.Struct.Type<typeof statusFields> {}

/**
 * The schema of {@link InterrogationStatus}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InterrogationStatus: Model<InterrogationStatus, typeof statusFields> = model(
  "InterrogationStatus",
  statusFields
)

/**
 * The state of an alchemy job, without its results.
 *
 * @since 0.1.0
 * @category models
 */
export interface AlchemyCheck {
  readonly state: AlchemyState
  readonly forms: ReadonlyArray<Pick<InterrogationFormStatus, "form" | "state">>
}

/** Whether a form waits for a worker, or is processed by one. */
export const isOpen = ({ state }: Pick<InterrogationFormStatus, "state">): boolean =>
  state !== "done" && state !== "cancelled" && state !== "faulted"

/**
 * Whether an alchemy job is over: no form is waiting or processed any more. Some or all forms may have no result.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOver = ({ forms, state }: AlchemyCheck): boolean =>
  state !== "waiting" && state !== "processing" && !forms.some(isOpen)
