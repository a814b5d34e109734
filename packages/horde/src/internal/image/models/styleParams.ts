/**
 * The generation parameters that styles and requests for images have in common.
 *
 * The defaults are those that the server applies; some differ from the ones in its documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { identity } from "../../schema/identity.js"
import { type Model, model } from "../../schema/model.js"
import { type OpenEnum, openEnum } from "../../schema/openEnum.js"
import { extra, FreeForm, optional } from "../../schema/optional.js"
import type { PostProcessingOrder, PostProcessor, Sampler, Scheduler, SolverType } from "./values.js"

const flag = optional(Schema.Boolean)
const int = (min: number, max: number) => optional(Schema.Int.pipe(Schema.between(min, max)))
const number = (min: number, max: number) => optional(Schema.Number.pipe(Schema.between(min, max)))
const atLeast = (min: number) => optional(Schema.Finite.pipe(Schema.greaterThanOrEqualTo(min)))
const text = (min: number, max: number) => Schema.String.pipe(Schema.minLength(min), Schema.maxLength(max))
const side = optional(Schema.Int.pipe(Schema.between(64, 3072), Schema.multipleOf(64)))

const hasTwoDecimals = (value: number) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6

const unique = <A>(items: ReadonlyArray<A>) => new Set(items).size === items.length

const loraFields = {
  /** The name or id of the LoRA on CivitAI, 1 to 255 characters. */
  name: text(1, 255),
  /** The weight on the model, −5 to 5; 1 by default. */
  model: number(-5, 5),
  /** The weight on the text encoder, −5 to 5; 1 by default. */
  clip: number(-5, 5),
  /** A trigger word to add to the prompt, 1 to 30 characters; `any` for any trigger word of the LoRA. */
  inject_trigger: optional(text(1, 30)),
  /** Whether `name` is the id of a version of the LoRA; off by default. */
  is_version: flag,
  /** Fields that this version does not declare. */
  extra
}

/**
 * A LoRA to apply.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadLorasStable extends Schema.Struct.Type<typeof loraFields> {}

const Lora: Schema.Schema<ModelPayloadLorasStable> = Schema.Struct(loraFields).annotations({
  identifier: "ModelPayloadLorasStable"
})

const textualInversionFields = {
  /** The name or id of the textual inversion on CivitAI, 1 to 255 characters. */
  name: text(1, 255),
  /** Adds it to the prompt or to the negative prompt; to neither by default. */
  inject_ti: optional(openEnum<OpenEnum<"prompt" | "negprompt">>()),
  /** The strength, −5 to 5; 1 by default. */
  strength: number(-5, 5),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A textual inversion to apply.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPayloadTextualInversionsStable extends Schema.Struct.Type<typeof textualInversionFields> {}

const TextualInversion: Schema.Schema<ModelPayloadTextualInversionsStable> = Schema.Struct(
  textualInversionFields
).annotations({ identifier: "ModelPayloadTextualInversionsStable" })

/** The parameters of a style. */
export const styleParamsFields = {
  /** The width in pixels, 64 to 3072, a multiple of 64; 512 by default. */
  width: side,
  /** The height in pixels, 64 to 3072, a multiple of 64; 512 by default. */
  height: side,
  /** The number of sampling steps, 1 to 500; 30 by default. With a `control_type`: 20 by default, and at most 40. */
  steps: int(1, 500),
  /**
   * The guidance scale, 0 to 100 with at most two decimals; 5 by default. Higher values follow the prompt more closely.
   */
  cfg_scale: optional(
    Schema.Number.pipe(
      Schema.between(0, 100),
      Schema.filter(hasTwoDecimals, { description: "a number with at most two decimals" })
    )
  ),
  /** The sampler; `k_euler_a` by default. */
  sampler_name: optional(openEnum<Sampler>()),
  /** Whether to use the Karras noise schedule; **on** by default. */
  karras: flag,
  /** The noise schedule. It overrides `karras`; newer servers only. */
  scheduler: optional(openEnum<Scheduler>()),
  /** The sampler's parameter `eta`, at least 0; newer servers only. */
  sampler_eta: atLeast(0),
  /** The sampler's parameter `s_noise`, at least 0; newer servers only. */
  sampler_s_noise: atLeast(0),
  /** The sampler's parameter `s_churn`, at least 0; newer servers only. */
  sampler_s_churn: atLeast(0),
  /** The sampler's parameter `s_tmin`, at least 0; newer servers only. */
  sampler_s_tmin: atLeast(0),
  /** The sampler's parameter `s_tmax`, at least 0; newer servers only. */
  sampler_s_tmax: atLeast(0),
  /** The solver of a sampler that has several; newer servers only. */
  sampler_solver_type: optional(openEnum<SolverType>()),
  /** The order of the sampler, an integer of at least 1; newer servers only. */
  sampler_order: optional(Schema.Int.pipe(Schema.greaterThanOrEqualTo(1))),
  /** The shift of the noise schedule of flow models, at least 0; newer servers only. */
  flow_shift: atLeast(0),
  /** How much the source image is changed, 0.01 (little) to 1 (completely). */
  denoising_strength: number(0.01, 1),
  /** The denoising strength of the second pass of `hires_fix`, 0.01 to 1. */
  hires_fix_denoising_strength: number(0.01, 1),
  /** The strength of the face fixer in `post_processing`, 0 to 1. */
  facefixer_strength: number(0, 1),
  /** The layer of the text encoder to stop at, counted from the last one, 1 to 12. */
  clip_skip: int(1, 12),
  /** Whether the image can be tiled seamlessly; off by default. */
  tiling: flag,
  /** Whether to generate the image at a lower resolution first, and then to upscale it; off by default. */
  hires_fix: flag,
  /** Whether the image has a transparent background; off by default. */
  transparent: flag,
  /** The post-processors, in the order of application, without repeats, at most one upscaler. */
  post_processing: optional(
    Schema.Array(openEnum<PostProcessor>()).pipe(
      Schema.filter(unique, { description: "a list without repeats", jsonSchema: { uniqueItems: true } })
    )
  ),
  /** The order of the post-processors; `facefixers_first` by default; newer servers only. */
  post_processing_order: optional(openEnum<PostProcessingOrder>()),
  /** The LoRAs to apply, at most 5. */
  loras: optional(identity(Schema.Array(Lora).pipe(Schema.maxItems(5)), "contentWithoutDefault")),
  /** The textual inversions to apply, at most 20. */
  tis: optional(identity(Schema.Array(TextualInversion).pipe(Schema.maxItems(20)), "contentWithoutDefault")),
  /** Only for accounts with the special role. */
  special: optional(FreeForm),
  /** A workflow to use instead of the default pipeline. */
  workflow: optional(openEnum<OpenEnum<"qr_code">>()),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The generation parameters of an image style.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelStyleInputParamsStable extends Schema.Struct.Type<typeof styleParamsFields> {}

/**
 * The schema of {@link ModelStyleInputParamsStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModelStyleInputParamsStable: Model<ModelStyleInputParamsStable, typeof styleParamsFields> = model(
  "ModelStyleInputParamsStable",
  styleParamsFields
)
