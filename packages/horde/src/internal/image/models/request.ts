/**
 * What can be asked for when a picture is to be drawn: the published model, and a small way to build the common cases.
 *
 * Where a documented default differs from the one that the server really applies, the real one is named here.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { openEnum } from "../../schema/openEnum.js"
import { sensitive } from "../../schema/sensitive.js"
import { encodeBase64 } from "../base64.js"
import type {
  ControlType,
  PostProcessingOrder,
  PostProcessor,
  Sampler,
  Scheduler,
  SolverType,
  SourceProcessing
} from "./values.js"

type Extra = { readonly [field: string]: unknown }

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(schema)
const flag = optional(Schema.Boolean)
const int = (min: number, max: number) => optional(Schema.Int.pipe(Schema.between(min, max)))
const number = (min: number, max: number) => optional(Schema.Number.pipe(Schema.between(min, max)))
const atLeast = (min: number) => optional(Schema.Finite.pipe(Schema.greaterThanOrEqualTo(min)))
const text = (min: number, max: number) => Schema.String.pipe(Schema.minLength(min), Schema.maxLength(max))
const extra = optional(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
const side = optional(Schema.Int.pipe(Schema.between(64, 3072), Schema.multipleOf(64)))

const hasTwoDecimals = (value: number) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6

const unique = <A>(items: ReadonlyArray<A>) => new Set(items).size === items.length

/**
 * A LoRA to draw with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadLorasStable {
  /** Its name or id on CivitAI, 1 to 255 characters. */
  readonly name: string
  /** Its weight on the model, −5 to 5; 1 by default. */
  readonly model?: number | undefined
  /** Its weight on the text, −5 to 5; 1 by default. */
  readonly clip?: number | undefined
  /** A trigger to add to the prompt, 1 to 30 characters; `any` for any of the LoRA's own. */
  readonly inject_trigger?: string | undefined
  /** Whether `name` is the id of a version. */
  readonly is_version?: boolean | undefined
  /** Fields that this version does not know yet. */
  readonly extra?: Extra | undefined
}

const Lora: Schema.Schema<ModelPayloadLorasStable> = Schema.Struct({
  name: text(1, 255),
  model: number(-5, 5),
  clip: number(-5, 5),
  inject_trigger: optional(text(1, 30)),
  is_version: flag,
  extra
}).annotations({ identifier: "ModelPayloadLorasStable" })

/**
 * A textual inversion to draw with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadTextualInversionsStable {
  /** Its name or id on CivitAI, 1 to 255 characters. */
  readonly name: string
  /** Where to add it; nowhere by default. */
  readonly inject_ti?: "prompt" | "negprompt" | (string & {}) | undefined
  /** Its strength, −5 to 5; 1 by default. */
  readonly strength?: number | undefined
  /** Fields that this version does not know yet. */
  readonly extra?: Extra | undefined
}

const TextualInversion: Schema.Schema<ModelPayloadTextualInversionsStable> = Schema.Struct({
  name: text(1, 255),
  inject_ti: optional(Schema.String),
  strength: number(-5, 5),
  extra
}).annotations({ identifier: "ModelPayloadTextualInversionsStable" })

/**
 * A text that a workflow takes besides the prompt.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtraText {
  /** At least one character. */
  readonly text: string
  /** What the workflow calls it, at least three characters, such as `qr_code`. */
  readonly reference: string
}

const ExtraTextSchema: Schema.Schema<ExtraText> = Schema.Struct({
  text: sensitive(Schema.String.pipe(Schema.minLength(1))),
  reference: Schema.String.pipe(Schema.minLength(3))
}).annotations({ identifier: "ExtraText" })

/**
 * A further source image, for `remix`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtraSourceImage {
  /** Base64, or an address. */
  readonly image: string
  /** How much it counts; 1 by default. */
  readonly strength?: number | undefined
  /** The address that the image came from; newer servers only. */
  readonly original_url?: string | undefined
}

const ExtraSourceImageSchema: Schema.Schema<ExtraSourceImage> = Schema.Struct({
  image: sensitive(Schema.String.pipe(Schema.minLength(1))),
  strength: optional(Schema.Finite),
  original_url: optional(sensitive(Schema.String))
}).annotations({ identifier: "ExtraSourceImage" })

/**
 * How a picture is drawn.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelGenerationInputStable {
  /** Pixels, 64 to 3072, a multiple of 64; 512 by default. */
  readonly width?: number | undefined
  /** Pixels, 64 to 3072, a multiple of 64; 512 by default. */
  readonly height?: number | undefined
  /** 1 to 500; 30 by default, 20 with a `control_type`, which also caps it at 40. */
  readonly steps?: number | undefined
  /** How many pictures, 1 to 20; 1 by default. */
  readonly n?: number | undefined
  /** How closely to follow the prompt, 0 to 100 with at most two decimals; 5 by default. */
  readonly cfg_scale?: number | undefined
  /** `k_euler_a` by default. */
  readonly sampler_name?: Sampler | undefined
  /** Whether the noise follows Karras; **on** by default. */
  readonly karras?: boolean | undefined
  /** Takes precedence over `karras`; newer servers only. */
  readonly scheduler?: Scheduler | undefined
  /** At least 0; newer servers only. */
  readonly sampler_eta?: number | undefined
  /** At least 0; newer servers only. */
  readonly sampler_s_noise?: number | undefined
  /** At least 0; newer servers only. */
  readonly sampler_s_churn?: number | undefined
  /** At least 0; newer servers only. */
  readonly sampler_s_tmin?: number | undefined
  /** At least 0; newer servers only. */
  readonly sampler_s_tmax?: number | undefined
  /** Newer servers only. */
  readonly sampler_solver_type?: SolverType | undefined
  /** At least 1; newer servers only. */
  readonly sampler_order?: number | undefined
  /** At least 0; newer servers only. */
  readonly flow_shift?: number | undefined
  /** Digits are a number, other text is hashed; a random one for each picture by default. */
  readonly seed?: string | undefined
  /** Added to the seed from picture to picture, 1 to 1000. */
  readonly seed_variation?: number | undefined
  /** How far to move from the source image, 0.01 to 1. */
  readonly denoising_strength?: number | undefined
  /** The same for the second pass of `hires_fix`, 0.01 to 1. */
  readonly hires_fix_denoising_strength?: number | undefined
  /** 0 to 1. */
  readonly facefixer_strength?: number | undefined
  /** How many of the text encoder's last layers to leave out, 1 to 12. */
  readonly clip_skip?: number | undefined
  /** Whether the picture repeats seamlessly. */
  readonly tiling?: boolean | undefined
  /** Whether to draw small first and then large. */
  readonly hires_fix?: boolean | undefined
  /** Whether the background is transparent. */
  readonly transparent?: boolean | undefined
  /** Applied in turn, each at most once, at most one upscaler among them. */
  readonly post_processing?: ReadonlyArray<PostProcessor> | undefined
  /** `facefixers_first` by default; newer servers only. */
  readonly post_processing_order?: PostProcessingOrder | undefined
  /** What to read from the source image to guide the drawing. */
  readonly control_type?: ControlType | undefined
  /** 0.01 to 3; newer servers only. */
  readonly control_strength?: number | undefined
  /** Whether the source image is the control map already. */
  readonly image_is_control?: boolean | undefined
  /** Whether to get the control map instead of a picture. */
  readonly return_control_map?: boolean | undefined
  /** At most 5. */
  readonly loras?: ReadonlyArray<ModelPayloadLorasStable> | undefined
  /** At most 20. */
  readonly tis?: ReadonlyArray<ModelPayloadTextualInversionsStable> | undefined
  /** Whether the worker censors unsafe pictures; newer servers only. */
  readonly use_nsfw_censor?: boolean | undefined
  /** For accounts with the special role. */
  readonly special?: Extra | undefined
  /** A whole workflow instead of plain drawing. */
  readonly workflow?: "qr_code" | (string & {}) | undefined
  /** The texts that the workflow takes. */
  readonly extra_texts?: ReadonlyArray<ExtraText> | undefined
  /** Fields that this version does not know yet. */
  readonly extra?: Extra | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ModelGenerationInputStable: Schema.Schema<ModelGenerationInputStable> = Schema.Struct({
  width: side,
  height: side,
  steps: int(1, 500),
  n: int(1, 20),
  cfg_scale: optional(
    Schema.Number.pipe(
      Schema.between(0, 100),
      Schema.filter(hasTwoDecimals, { description: "a number with at most two decimals" })
    )
  ),
  sampler_name: optional(openEnum<Sampler>()),
  karras: flag,
  scheduler: optional(openEnum<Scheduler>()),
  sampler_eta: atLeast(0),
  sampler_s_noise: atLeast(0),
  sampler_s_churn: atLeast(0),
  sampler_s_tmin: atLeast(0),
  sampler_s_tmax: atLeast(0),
  sampler_solver_type: optional(openEnum<SolverType>()),
  sampler_order: optional(Schema.Int.pipe(Schema.greaterThanOrEqualTo(1))),
  flow_shift: atLeast(0),
  seed: optional(Schema.String),
  seed_variation: int(1, 1000),
  denoising_strength: number(0.01, 1),
  hires_fix_denoising_strength: number(0.01, 1),
  facefixer_strength: number(0, 1),
  clip_skip: int(1, 12),
  tiling: flag,
  hires_fix: flag,
  transparent: flag,
  post_processing: optional(
    Schema.Array(openEnum<PostProcessor>()).pipe(Schema.filter(unique, { description: "a list without repeats" }))
  ),
  post_processing_order: optional(openEnum<PostProcessingOrder>()),
  control_type: optional(openEnum<ControlType>()),
  control_strength: number(0.01, 3),
  image_is_control: flag,
  return_control_map: flag,
  loras: optional(Schema.Array(Lora).pipe(Schema.maxItems(5))),
  tis: optional(Schema.Array(TextualInversion).pipe(Schema.maxItems(20))),
  use_nsfw_censor: flag,
  special: extra,
  workflow: optional(Schema.String),
  extra_texts: optional(Schema.Array(ExtraTextSchema)),
  extra
}).annotations({ identifier: "ModelGenerationInputStable" })

/**
 * A request for pictures (`POST /v2/generate/async`).
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInputStable {
  /** What to draw; what must not be in it stands behind `###`. At most 7,500 words. */
  readonly prompt: string
  readonly params?: ModelGenerationInputStable | undefined
  /** Whether the picture may be unsafe for work: then only workers that allow it take the request; **on** by default. */
  readonly nsfw?: boolean | undefined
  /** Whether workers censor what turns out unsafe though `nsfw` is off; **on** by default. */
  readonly censor_nsfw?: boolean | undefined
  /** Whether only trusted workers may take it; off by default. */
  readonly trusted_workers?: boolean | undefined
  /** Only matters for text; **off** by default. */
  readonly validated_backends?: boolean | undefined
  /** Whether slow workers may take it; on by default. Off costs a fifth more, and the kudos must be there upfront. */
  readonly slow_workers?: boolean | undefined
  /** Whether extra slow workers may take it; off by default. With them a job may take an hour. */
  readonly extra_slow_workers?: boolean | undefined
  /** Ids of the only workers that may take it; the server keeps the first five. */
  readonly workers?: ReadonlyArray<string> | undefined
  /** Turns `workers` into the ones that may not; costs a tenth more. */
  readonly worker_blacklist?: boolean | undefined
  /** `["stable_diffusion"]` by default; an empty list means any model. */
  readonly models?: ReadonlyArray<string> | undefined
  /** Base64, or an address that the server fetches (2 s, 5 MB). */
  readonly source_image?: string | undefined
  /** `img2img` by default. */
  readonly source_processing?: SourceProcessing | undefined
  /** Base64: what to paint over. Needs a source image. */
  readonly source_mask?: string | undefined
  /** Up to 5, for `remix`. */
  readonly extra_source_images?: ReadonlyArray<ExtraSourceImage> | undefined
  /** Whether pictures come as links (on, the default) or as base64 in the reply. */
  readonly r2?: boolean | undefined
  /** The server ignores it. */
  readonly shared?: boolean | undefined
  /** Whether a suspicious prompt is rewritten instead of refused; on by default. Suspicious prompts of more than 7,000 characters are refused either way. */
  readonly replacement_filter?: boolean | undefined
  /** For service accounts: whom this is for. */
  readonly proxied_account?: string | undefined
  /** Whether each picture is a job of its own. With several pictures, for trusted accounts only. */
  readonly disable_batching?: boolean | undefined
  /** Whether size and steps may shrink, or the priority fall, instead of failing for lack of kudos; off by default. */
  readonly allow_downgrade?: boolean | undefined
  /** An https address, 10 to 1024 characters, that is told of each picture. */
  readonly webhook?: string | undefined
  /** A style's id or name, 3 to 1024 characters. */
  readonly style?: string | undefined
  /** Texts for the fields of the style's prompt; newer servers only. */
  readonly template_fields?: { readonly [field: string]: string } | undefined
  /** Fields that this version does not know yet. */
  readonly extra?: Extra | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationInputStable: Schema.Schema<GenerationInputStable> = Schema.Struct({
  prompt: sensitive(Schema.String.pipe(Schema.minLength(1))),
  params: optional(ModelGenerationInputStable),
  nsfw: flag,
  censor_nsfw: flag,
  trusted_workers: flag,
  validated_backends: flag,
  slow_workers: flag,
  extra_slow_workers: flag,
  workers: optional(Schema.Array(Schema.String)),
  worker_blacklist: flag,
  models: optional(Schema.Array(Schema.String)),
  source_image: optional(sensitive(Schema.String)),
  source_processing: optional(openEnum<SourceProcessing>()),
  source_mask: optional(sensitive(Schema.String)),
  extra_source_images: optional(Schema.Array(ExtraSourceImageSchema).pipe(Schema.maxItems(5))),
  r2: flag,
  shared: flag,
  replacement_filter: flag,
  proxied_account: optional(Schema.String),
  disable_batching: flag,
  allow_downgrade: flag,
  webhook: optional(sensitive(text(10, 1024))),
  style: optional(text(3, 1024)),
  template_fields: optional(sensitive(Schema.Record({ key: Schema.String, value: Schema.String }))),
  extra
}).annotations({ identifier: "GenerationInputStable" })

/**
 * The common wishes, in short. Whatever else {@link GenerationInputStable} offers goes beside it.
 *
 * @since 0.1.0
 * @category constructors
 */
export interface Wishes {
  readonly prompt: string
  /** What must not be in the picture. */
  readonly negativePrompt?: string | undefined
  /** Width and height in pixels, each a multiple of 64. */
  readonly size?: readonly [width: number, height: number] | undefined
  readonly steps?: number | undefined
  /** How many pictures, 1 to 20. */
  readonly count?: number | undefined
  readonly seed?: string | number | undefined
  readonly models?: ReadonlyArray<string> | undefined
  /** A picture to start from, as the bytes of an image file. */
  readonly sourceImage?: Uint8Array | undefined
  /** What to paint over in it, as the bytes of an image file. */
  readonly sourceMask?: Uint8Array | undefined
}

/**
 * Builds a request from common wishes; what is in `more` goes along as it is, and has the last word.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 *
 * export const request = ImageGeneration.request(
 *   { prompt: "a lighthouse at dusk", negativePrompt: "people", size: [768, 512], steps: 20, count: 2 },
 *   { nsfw: false }
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const request = (wishes: Wishes, more: Partial<GenerationInputStable> = {}): GenerationInputStable => {
  const { count, models, negativePrompt, prompt, seed, size, sourceImage, sourceMask, steps } = wishes
  const [width, height] = size ?? []
  return {
    prompt: negativePrompt === undefined ? prompt : `${prompt} ### ${negativePrompt}`,
    models,
    source_image: sourceImage && encodeBase64(sourceImage),
    source_mask: sourceMask && encodeBase64(sourceMask),
    source_processing: sourceMask && "inpainting",
    ...more,
    params: { width, height, steps, n: count, seed: seed?.toString(), ...more.params }
  }
}
