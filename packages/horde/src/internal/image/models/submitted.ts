/**
 * Requests for images as the server reports them; newer servers only.
 *
 * The model adds no defaults, renames no fields and keeps undeclared fields, so that a reported request can be compared
 * with a sent one. The server itself adds its defaults to `params`, reports source images as links, and omits the
 * fields that only affect the submit: `style`, `replacement_filter`, `allow_downgrade`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { ExtraSourceImage, Reported } from "../../jobs/requestModels.js"
import { nullable } from "../../schema/nullable.js"
import { openEnum } from "../../schema/openEnum.js"
import { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import type {
  ExtraText,
  ModelGenerationInputStable,
  ModelPayloadLorasStable,
  ModelPayloadTextualInversionsStable
} from "./params.js"
import type { GenerationInputStable } from "./request.js"
import type {
  ControlType,
  PostProcessingOrder,
  PostProcessor,
  Sampler,
  Scheduler,
  SolverType,
  SourceProcessing
} from "./values.js"

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)
const texts = nullable(Schema.Array(Schema.String))
const secret = nullable(sensitive(Schema.String))

/** Undeclared fields. */
const others = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const lists = {
  loras: nullable(
    Schema.Array(
      Schema.Struct({ name: text, model: number, clip: number, inject_trigger: text, is_version: flag }, others)
    )
  ),
  tis: nullable(Schema.Array(Schema.Struct({ name: text, inject_ti: text, strength: number }, others))),
  extra_texts: nullable(Schema.Array(Schema.Struct({ text: secret, reference: text }, others))),
  extra_source_images: nullable(
    Schema.Array(Schema.Struct({ image: secret, strength: number, original_url: secret }, others))
  )
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

const Params = Schema.Struct(
  {
    width: number,
    height: number,
    steps: number,
    n: number,
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
    workflow: text,
    extra_texts: lists.extra_texts
  },
  others
)

/**
 * A request as the server reports it. The prompt is the one that was sent; it is absent from old requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStable
  extends FreeForm,
    Omit<Reported<GenerationInputStable>, "params" | "extra_source_images"> {
  readonly params?: SubmittedParams
  readonly extra_source_images?: ReadonlyArray<Reported<ExtraSourceImage> & FreeForm>
}

const SubmittedStruct = Schema.Struct(
  {
    prompt: secret,
    params: nullable(Params),
    nsfw: flag,
    censor_nsfw: flag,
    trusted_workers: flag,
    validated_backends: flag,
    slow_workers: flag,
    extra_slow_workers: flag,
    workers: texts,
    worker_blacklist: flag,
    models: texts,
    source_image: secret,
    source_processing: nullable(openEnum<SourceProcessing>()),
    source_mask: secret,
    extra_source_images: lists.extra_source_images,
    r2: flag,
    shared: flag,
    replacement_filter: flag,
    proxied_account: text,
    disable_batching: flag,
    allow_downgrade: flag,
    webhook: secret,
    style: text,
    template_fields: nullable(sensitive(Schema.Record({ key: Schema.String, value: Schema.String })))
  },
  others
).annotations({ identifier: "GenerationSubmittedStable" })

/**
 * {@link GenerationSubmittedStable} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStableEncoded extends Schema.Schema.Encoded<typeof SubmittedStruct> {}

/**
 * The schema of {@link GenerationSubmittedStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationSubmittedStable: Schema.Schema<GenerationSubmittedStable, GenerationSubmittedStableEncoded> =
  SubmittedStruct
