/**
 * The requests of workers for jobs. Programs import them from `Worker`.
 *
 * The defaults are those that the server applies; some differ from the ones in its documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { AlchemyForm } from "../alchemy/values.js"
import type { ControlType } from "../image/models/values.js"
import { type Model, model } from "../schema/model.js"
import { openEnum } from "../schema/openEnum.js"
import { extra, optional } from "../schema/optional.js"

const flag = optional(Schema.Boolean)
const int = optional(Schema.Int)
const within = (min: number, max: number) => optional(Schema.Int.pipe(Schema.between(min, max)))
const texts = optional(Schema.Array(Schema.String))

const anyPopFields = {
  /** The name of the worker, unique among all workers. The first pop under a new name creates the worker. */
  name: Schema.String,
  /** The accounts whose jobs the worker takes first, as `alias#id`; the owner's own jobs always come first. */
  priority_usernames: texts,
  /**
   * The worker's program as `name:version:url`, at most 1,000 characters. The server knows the abilities of published
   * programs; to others it offers only jobs without source images, LoRAs and links (`r2`).
   */
  bridge_agent: optional(Schema.String.pipe(Schema.maxLength(1000))),
  /** Fields that this version does not declare. */
  extra
}

const jobPopFields = {
  ...anyPopFields,
  /** The models that the worker has loaded, each 3 to 255 characters. The server refuses a pop without a known model. */
  models: Schema.Array(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(255))),
  /** Whether the worker takes jobs that may be unsafe for work; **on** by default. */
  nsfw: flag,
  /** The maximum number of jobs, 1 to 20; 1 by default. All jobs of a reply have the same request. */
  amount: within(1, 20),
  /** The number of jobs that the worker generates at the same time, 1 to 50; 1 by default. */
  threads: within(1, 50),
  /** Whether the worker takes only jobs whose price is paid upfront; off by default. */
  require_upfront_kudos: flag,
  /** Whether the worker is extra slow: it gets more time, and only jobs that allow it; **off** by default. */
  extra_slow_worker: flag
}

const imageFields = {
  ...jobPopFields,
  /** The maximum size of an image in pixels (width × height); 262,144 by default. */
  max_pixels: int,
  /** Words that a prompt must not contain: at most 200, of which the server keeps 15 characters each. */
  blacklist: texts,
  /** Whether the worker takes source images; on by default. */
  allow_img2img: flag,
  /** Whether the worker takes inpainting and outpainting; on by default. */
  allow_painting: flag,
  /** Whether the worker takes jobs from unsafe IP addresses, such as those of VPNs; on by default. */
  allow_unsafe_ipaddr: flag,
  /** Whether the worker applies post-processors; on by default. */
  allow_post_processing: flag,
  /** Whether the worker applies ControlNets; **off** by default. */
  allow_controlnet: flag,
  /** Whether the worker applies ControlNets with SDXL models; **off** by default. */
  allow_sdxl_controlnet: flag,
  /** Whether the worker applies the ControlNets that newer servers added; newer servers only. */
  allow_extended_controlnet: flag,
  /** Whether the worker downloads and applies LoRAs; **off** by default. */
  allow_lora: flag,
  /** Whether the worker takes only jobs with the steps that are usual for their sampler; **off** by default. */
  limit_max_steps: flag,
  /** The version of the sampler contract that the worker fulfils; newer servers only. */
  sampler_execution_contract_version: optional(Schema.Union(Schema.String, Schema.Int))
}

/**
 * The request of a worker for image jobs.
 *
 * @since 0.1.0
 * @category models
 */
export interface PopInputStable extends Schema.Struct.Type<typeof imageFields> {}

/**
 * The schema of {@link PopInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PopInputStable: Model<PopInputStable, typeof imageFields> = model("PopInputStable", imageFields)

const textFields = {
  ...jobPopFields,
  /** The maximum length of a text in tokens; 512 by default. */
  max_length: int,
  /** The maximum length of prompt and text together in tokens; 2048 by default. */
  max_context_length: int,
  /** The soft prompts that the worker has. */
  softprompts: texts
}

/**
 * The request of a worker for text jobs.
 *
 * @since 0.1.0
 * @category models
 */
export interface PopInputKobold extends Schema.Struct.Type<typeof textFields> {}

/**
 * The schema of {@link PopInputKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PopInputKobold: Model<PopInputKobold, typeof textFields> = model("PopInputKobold", textFields)

const alchemyFields = {
  ...anyPopFields,
  /** The forms that the worker can process. It gets no others: none for an empty list. */
  forms: Schema.Array(openEnum<AlchemyForm>()),
  /** The control types that the worker has for the form `annotation`; newer servers only. */
  annotation_types: optional(Schema.Array(openEnum<ControlType>())),
  /** The maximum number of forms; 1 by default. */
  amount: int,
  /** The number of forms that the worker processes at the same time, 1 to 100; 1 by default. */
  threads: within(1, 100),
  /** The maximum size of a source image in tiles of 512 × 512 pixels, 1 to 256; **80** by default. */
  max_tiles: within(1, 256)
}

/**
 * The request of a worker for alchemy forms.
 *
 * @since 0.1.0
 * @category models
 */
export interface InterrogationPopInput extends Schema.Struct.Type<typeof alchemyFields> {}

/**
 * The schema of {@link InterrogationPopInput}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const InterrogationPopInput: Model<InterrogationPopInput, typeof alchemyFields> = model(
  "InterrogationPopInput",
  alchemyFields
)
