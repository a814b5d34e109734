/**
 * Generation parameters of images as the server reports them, to clients and to workers. Undeclared fields are kept.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Reported } from "../../jobs/requestModels.js"
import { nullable } from "../../schema/nullable.js"
import { type OpenEnum, openEnum } from "../../schema/openEnum.js"
import { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import type {
  ExtraText,
  ModelGenerationInputStable,
  ModelPayloadLorasStable,
  ModelPayloadTextualInversionsStable
} from "./params.js"
import type { ControlType, PostProcessingOrder, PostProcessor, Sampler, Scheduler, SolverType } from "./values.js"

/** Undeclared fields. */
const others = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)
const secret = nullable(sensitive(Schema.String))

const lists = {
  loras: nullable(
    Schema.Array(
      Schema.Struct({ name: text, model: number, clip: number, inject_trigger: text, is_version: flag }, others)
    )
  ),
  tis: nullable(
    Schema.Array(
      Schema.Struct(
        { name: text, inject_ti: nullable(openEnum<OpenEnum<"prompt" | "negprompt">>()), strength: number },
        others
      )
    )
  ),
  extra_texts: nullable(Schema.Array(Schema.Struct({ text: secret, reference: text }, others)))
}

/** The parameters that clients and workers get under the same names. */
export const reportedParamsFields = {
  width: number,
  height: number,
  cfg_scale: number,
  sampler_name: nullable(openEnum<Sampler>()),
  karras: flag,
  scheduler: nullable(openEnum<Scheduler>()),
  sampler_eta: number,
  sampler_s_noise: number,
  sampler_s_churn: number,
  sampler_s_tmin: number,
  sampler_s_tmax: number,
  sampler_solver_type: nullable(openEnum<SolverType>()),
  sampler_order: number,
  flow_shift: number,
  seed: text,
  seed_variation: number,
  denoising_strength: number,
  hires_fix_denoising_strength: number,
  facefixer_strength: number,
  clip_skip: number,
  tiling: flag,
  hires_fix: flag,
  transparent: flag,
  post_processing: nullable(Schema.Array(openEnum<PostProcessor>())),
  post_processing_order: nullable(openEnum<PostProcessingOrder>()),
  control_type: nullable(openEnum<ControlType>()),
  control_strength: number,
  image_is_control: flag,
  return_control_map: flag,
  loras: lists.loras,
  tis: lists.tis,
  use_nsfw_censor: flag,
  special: nullable(FreeForm),
  workflow: nullable(openEnum<OpenEnum<"qr_code">>()),
  extra_texts: lists.extra_texts
}

/**
 * The generation parameters of a reported request. The server adds its defaults, except for `seed`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmittedParams
  extends FreeForm,
    Omit<Reported<ModelGenerationInputStable>, "seed" | "loras" | "tis" | "special" | "extra_texts"> {
  /** The seed that was sent, as text. */
  readonly seed?: string
  readonly loras?: ReadonlyArray<Reported<ModelPayloadLorasStable> & FreeForm>
  readonly tis?: ReadonlyArray<Reported<ModelPayloadTextualInversionsStable> & FreeForm>
  readonly special?: FreeForm
  readonly extra_texts?: ReadonlyArray<Reported<ExtraText> & FreeForm>
}

const Params = Schema.Struct({ ...reportedParamsFields, steps: number, n: number }, others)

/** The schema of {@link SubmittedParams}. */
export const SubmittedParams: Schema.Schema<SubmittedParams, typeof Params.Encoded> = Params
