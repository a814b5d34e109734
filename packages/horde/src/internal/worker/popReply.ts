/**
 * The jobs that the server gives to workers. Programs import them from `Worker`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { FormPayload } from "../alchemy/models.js"
import type { AlchemyForm } from "../alchemy/values.js"
import { reportedParamsFields as imageParams } from "../image/models/reportedParams.js"
import type { SourceProcessing } from "../image/models/values.js"
import { GenerationId } from "../jobs/models.js"
import { reportedSourceImages } from "../jobs/requestModels.js"
import { type Model, model, type OpenModel, openModel } from "../schema/model.js"
import { nullable, withDefault } from "../schema/nullable.js"
import { openEnum } from "../schema/openEnum.js"
import type { FreeForm } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { nullableDate } from "../schema/timestamp.js"
import { reportedParamsFields as textParams } from "../text/models/reportedParams.js"

const count = nullable(Schema.Number)
const text = nullable(Schema.String)
const secret = nullable(sensitive(Schema.String))

const messageFields = {
  id: text,
  message: text,
  /** The author of the message. */
  origin: text,
  /** When the message expires. */
  expiry: nullableDate
}

/**
 * A message of a moderator to a worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseModelMessagePop extends Schema.Struct.Type<typeof messageFields> {}

const ResponseModelMessagePop: Model<ResponseModelMessagePop, typeof messageFields> = model(
  "ResponseModelMessagePop",
  messageFields
)

const alchemySkippedFields = { worker_id: count, untrusted: count, bridge_version: count }

const skippedFields = {
  ...alchemySkippedFields,
  performance: count,
  nsfw: count,
  blacklist: count,
  models: count,
  /** Jobs of accounts without the kudos upfront. */
  kudos: count
}

const imageSkippedFields = {
  ...skippedFields,
  max_pixels: count,
  step_count: count,
  unsafe_ip: count,
  img2img: count,
  painting: count,
  "post-processing": count,
  lora: count,
  controlnet: count
}

/**
 * How many waiting image jobs the worker did not get, by reason. Empty if the worker got a job.
 *
 * @since 0.1.0
 * @category models
 */
export interface NoValidRequestFoundStable extends Schema.Struct.Type<typeof imageSkippedFields> {}

const NoValidRequestFoundStable: Model<NoValidRequestFoundStable, typeof imageSkippedFields> = model(
  "NoValidRequestFoundStable",
  imageSkippedFields
)

const textSkippedFields = { ...skippedFields, max_context_length: count, max_length: count, matching_softprompt: count }

/**
 * How many waiting text jobs the worker did not get, by reason. Empty if the worker got a job.
 *
 * @since 0.1.0
 * @category models
 */
export interface NoValidRequestFoundKobold extends Schema.Struct.Type<typeof textSkippedFields> {}

const NoValidRequestFoundKobold: Model<NoValidRequestFoundKobold, typeof textSkippedFields> = model(
  "NoValidRequestFoundKobold",
  textSkippedFields
)

const imagePayloadFields = {
  ...imageParams,
  prompt: secret,
  /** The number of sampling steps. */
  ddim_steps: count,
  /** The number of images: one for each job. */
  n_iter: count
}

/**
 * The parameters of image jobs. Undeclared fields are kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadStable extends FreeForm, Schema.Struct.Type<typeof imagePayloadFields> {}

const ModelPayloadStable: OpenModel<ModelPayloadStable, typeof imagePayloadFields> = openModel(
  "ModelPayloadStable",
  imagePayloadFields
)

const textPayloadFields = { ...textParams, prompt: secret }

/**
 * The parameters of text jobs. Undeclared fields are kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadKobold extends FreeForm, Schema.Struct.Type<typeof textPayloadFields> {}

const ModelPayloadKobold: OpenModel<ModelPayloadKobold, typeof textPayloadFields> = openModel(
  "ModelPayloadKobold",
  textPayloadFields
)

const jobFields = {
  /** The id of the first job; absent if there is no job for the worker. */
  id: nullable(GenerationId),
  /** The ids of all jobs: each of them needs a submit of its own. */
  ids: withDefault(Schema.Array(GenerationId), []),
  /** The model that the worker has to use. */
  model: text,
  /** The time in seconds after which the server gives the jobs to another worker. */
  ttl: count,
  messages: withDefault(Schema.Array(ResponseModelMessagePop), []),
  extra_source_images: reportedSourceImages
}

const imageJobFields = {
  ...jobFields,
  /** Filled with defaults if there is no job. */
  payload: nullable(ModelPayloadStable),
  skipped: nullable(NoValidRequestFoundStable),
  /** A link to the source image, or the image as base64 for old programs. */
  source_image: secret,
  source_mask: secret,
  /** `img2img` also for jobs without a source image. */
  source_processing: nullable(openEnum<SourceProcessing>()),
  /** The link to which the first image is sent with `PUT`; valid for 30 minutes. */
  r2_upload: secret,
  /** The links of all images, in the order of `ids`. */
  r2_uploads: nullable(Schema.Array(sensitive(Schema.String))),
  /** Obsolete; newer servers only. */
  shared: nullable(Schema.Boolean)
}

/**
 * Image jobs for a worker. `id` is absent if there is no job; `payload` has values in any case.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationPayloadStable extends Schema.Struct.Type<typeof imageJobFields> {}

/**
 * The schema of {@link GenerationPayloadStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationPayloadStable: Model<GenerationPayloadStable, typeof imageJobFields> = model(
  "GenerationPayloadStable",
  imageJobFields
)

const textJobFields = {
  ...jobFields,
  /** Filled with defaults if there is no job. */
  payload: nullable(ModelPayloadKobold),
  skipped: nullable(NoValidRequestFoundKobold),
  softprompt: text
}

/**
 * Text jobs for a worker. `id` is absent if there is no job; `payload` has values in any case.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationPayloadKobold extends Schema.Struct.Type<typeof textJobFields> {}

/**
 * The schema of {@link GenerationPayloadKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationPayloadKobold: Model<GenerationPayloadKobold, typeof textJobFields> = model(
  "GenerationPayloadKobold",
  textJobFields
)

const formFields = {
  /** The id of the form, for its submit. */
  id: GenerationId,
  form: nullable(openEnum<AlchemyForm>()),
  payload: nullable(FormPayload),
  /** A link to the source image. */
  source_image: secret,
  /** The link to which the image of a post-processor is sent with `PUT`. */
  r2_upload: secret
}

/**
 * An alchemy form for a worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationPopFormPayload extends Schema.Struct.Type<typeof formFields> {}

const InterrogationPopFormPayload: Model<InterrogationPopFormPayload, typeof formFields> = model(
  "InterrogationPopFormPayload",
  formFields
)

const alchemyJobFields = {
  /** Empty if there is no form for the worker. */
  forms: withDefault(Schema.Array(InterrogationPopFormPayload), []),
  /** How many waiting forms the worker did not get, by reason. Empty if the worker got a form. */
  skipped: nullable(model("NoValidInterrogationsFound", alchemySkippedFields))
}

/**
 * Alchemy forms for a worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationPopPayload extends Schema.Struct.Type<typeof alchemyJobFields> {}

/**
 * The schema of {@link InterrogationPopPayload}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InterrogationPopPayload: Model<InterrogationPopPayload, typeof alchemyJobFields> = model(
  "InterrogationPopPayload",
  alchemyJobFields
)
