/**
 * Requests for images.
 *
 * Where a documented default differs from the default that the server applies, this is the applied one.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { identity } from "../../schema/identity.js"
import { openEnum } from "../../schema/openEnum.js"
import { extra, optional } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { ModelGenerationInputStable } from "./params.js"
import type { SourceProcessing } from "./values.js"

const flag = optional(Schema.Boolean)
const text = (min: number, max: number) => Schema.String.pipe(Schema.minLength(min), Schema.maxLength(max))

/** The server does not report these fields as they were sent. */
const flagNotCompared = optional(identity(Schema.Boolean, "none"))

const extraSourceImageFields = {
  /** Base64, or a URL. */
  image: sensitive(Schema.String.pipe(Schema.minLength(1))),
  /** The weight of the image; 1 by default. */
  strength: optional(Schema.Finite),
  /** The URL of the original image; newer servers only. */
  original_url: optional(sensitive(Schema.String))
}

/**
 * An additional source image, for `remix`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtraSourceImage extends Schema.Struct.Type<typeof extraSourceImageFields> {}

const ExtraSourceImage: Schema.Schema<ExtraSourceImage> = Schema.Struct(extraSourceImageFields).annotations({
  identifier: "ExtraSourceImage"
})

const requestFields = {
  /** The prompt, optionally followed by `###` and a negative prompt. At most 7,500 words. */
  prompt: sensitive(Schema.String.pipe(Schema.minLength(1))),
  params: optional(ModelGenerationInputStable),
  /** Whether the image may be unsafe for work. Only workers that allow it take the request then; **on** by default. */
  nsfw: flag,
  /** Whether workers censor images that are unsafe although `nsfw` is off; **on** by default. */
  censor_nsfw: flag,
  /** Whether only trusted workers may take the request; off by default. */
  trusted_workers: flag,
  /** For text jobs only; **off** by default. */
  validated_backends: flag,
  /** Whether slow workers may take the request; on by default. Off costs a fifth more and requires the kudos upfront. */
  slow_workers: flag,
  /** Whether extra slow workers may take the request; off by default. A job can then take an hour. */
  extra_slow_workers: flag,
  /** The ids of the only workers that may take the request; the server keeps the first five. */
  workers: optional(Schema.Array(Schema.String)),
  /** Whether `workers` lists the workers that may not take the request; costs a tenth more. */
  worker_blacklist: flag,
  /** `["stable_diffusion"]` by default; an empty list allows any model. */
  models: optional(Schema.Array(Schema.String)),
  /** Base64, or a URL that the server downloads (within 2 seconds, at most 5 MB). */
  source_image: optional(identity(sensitive(Schema.String), "presence")),
  /** `img2img` by default. */
  source_processing: optional(openEnum<SourceProcessing>()),
  /** The area to paint over, as base64. Requires a source image. */
  source_mask: optional(identity(sensitive(Schema.String), "presence")),
  /** At most 5, for `remix`. */
  extra_source_images: optional(identity(Schema.Array(ExtraSourceImage).pipe(Schema.maxItems(5)), "presence")),
  /** Whether the reply has links to the images (on, the default) or the images as base64. */
  r2: flag,
  /** Obsolete: the server ignores it. */
  shared: flagNotCompared,
  /**
   * Whether a suspicious prompt is rewritten instead of refused; on by default. Suspicious prompts of more than 7,000
   * characters are always refused.
   */
  replacement_filter: flagNotCompared,
  /** For service accounts: the account on whose behalf the request is made. */
  proxied_account: optional(identity(Schema.String, "none")),
  /** Whether each image is a job of its own. With several images, for trusted accounts only. */
  disable_batching: flag,
  /**
   * Whether the server may reduce size, steps or priority if the kudos do not suffice; off by default, which refuses the
   * request.
   */
  allow_downgrade: flagNotCompared,
  /** An https URL, 10 to 1024 characters, that receives a request for each image. */
  webhook: optional(identity(sensitive(text(10, 1024)), "none")),
  /** The id or name of a style, 3 to 1024 characters. */
  style: optional(identity(text(3, 1024), "none")),
  /** Texts for the fields in the prompt of the style; newer servers only. */
  template_fields: optional(identity(sensitive(Schema.Record({ key: Schema.String, value: Schema.String })), "none")),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A request for images (`POST /v2/generate/async`).
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInputStable extends Schema.Struct.Type<typeof requestFields> {}

/**
 * {@link GenerationInputStable} as JSON, with `extra` still apart.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInputStableEncoded extends Schema.Struct.Encoded<typeof requestFields> {}

/**
 * The schema of {@link GenerationInputStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationInputStable: Schema.Schema<GenerationInputStable, GenerationInputStableEncoded> = Schema.Struct(
  requestFields
).annotations({ identifier: "GenerationInputStable" })
