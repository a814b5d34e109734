/**
 * A request for pictures as the server wrote it down; newer servers only.
 *
 * Nothing is filled in or renamed here, and fields that this version does not know are kept: what is in a reply can be
 * held against what was sent. The server itself fills in what was left out (`params` come with its defaults), gives
 * links for source images, and leaves out what only steers a submit: `style`, `replacement_filter`, `allow_downgrade`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { nullable } from "../../schema/nullable.js"
import { openEnum } from "../../schema/openEnum.js"
import { sensitive } from "../../schema/sensitive.js"
import type {
  ExtraSourceImage,
  ExtraText,
  GenerationInputStable,
  ModelGenerationInputStable,
  ModelPayloadLorasStable,
  ModelPayloadTextualInversionsStable
} from "./request.js"
import type {
  ControlType,
  PostProcessingOrder,
  PostProcessor,
  Sampler,
  Scheduler,
  SolverType,
  SourceProcessing
} from "./values.js"

/** Fields that this version does not know. */
interface Others {
  readonly [field: string]: unknown
}

/** The fields of a request, each of which a reply may lack. */
type Told<A> = { readonly [K in keyof A as Exclude<K, "extra">]?: Exclude<A[K], undefined> }

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)
const texts = nullable(Schema.Array(Schema.String))
const secret = nullable(sensitive(Schema.String))
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
 * How a picture is drawn, as the server wrote it down: with its defaults for what was left out, but for `seed`, which
 * is absent then.
 *
 * @since 0.1.0
 * @category models
 */
export interface SubmittedParams
  extends Others,
    Omit<Told<ModelGenerationInputStable>, "loras" | "tis" | "special" | "extra_texts"> {
  readonly loras?: ReadonlyArray<Told<ModelPayloadLorasStable> & Others>
  readonly tis?: ReadonlyArray<Told<ModelPayloadTextualInversionsStable> & Others>
  readonly special?: Others
  readonly extra_texts?: ReadonlyArray<Told<ExtraText> & Others>
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
    special: nullable(others),
    workflow: text,
    extra_texts: lists.extra_texts
  },
  others
)

/**
 * A request as the server wrote it down. The prompt is the one that was sent; on old requests it is absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStable
  extends Others,
    Omit<Told<GenerationInputStable>, "params" | "extra_source_images"> {
  readonly params?: SubmittedParams
  readonly extra_source_images?: ReadonlyArray<Told<ExtraSourceImage> & Others>
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
 * {@link GenerationSubmittedStable} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStableEncoded extends Schema.Schema.Encoded<typeof SubmittedStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationSubmittedStable: Schema.Schema<GenerationSubmittedStable, GenerationSubmittedStableEncoded> =
  SubmittedStruct
