/**
 * Requests for images.
 *
 * The defaults are those that the server applies; some differ from the ones in its documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ExtraSourceImage } from "../../jobs/requestModels.js"
import { identity } from "../../schema/identity.js"
import { openEnum } from "../../schema/openEnum.js"
import { extra, optional } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { ModelGenerationInputStable } from "./params.js"
import type { SourceProcessing } from "./values.js"

export type { ExtraSourceImage } from "../../jobs/requestModels.js"

const flag = optional(Schema.Boolean)
const text = (min: number, max: number) => Schema.String.pipe(Schema.minLength(min), Schema.maxLength(max))

/** A field that the server does not report as it was sent. */
const flagNotCompared = optional(identity(Schema.Boolean, "none"))

const requestFields = {
  /** The prompt, optionally followed by `###` and a negative prompt. At most 7,500 words. */
  prompt: sensitive(Schema.String.pipe(Schema.minLength(1))),
  /** The generation parameters. */
  params: optional(ModelGenerationInputStable),
  /**
   * Whether images may be unsafe for work; **on** by default. If on, only workers that allow such images take the
   * request.
   */
  nsfw: flag,
  /** Whether workers censor unsafe images if `nsfw` is off; **on** by default. */
  censor_nsfw: flag,
  /** Whether only trusted workers may take the request; off by default. */
  trusted_workers: flag,
  /** For text jobs only, without effect on image jobs; **off** by default. */
  validated_backends: flag,
  /**
   * Whether slow workers may take the request; on by default. If off, it costs 20% more and requires the kudos upfront.
   */
  slow_workers: flag,
  /** Whether extra slow workers may take the request; off by default. If on, a job can take an hour. */
  extra_slow_workers: flag,
  /**
   * The ids of the workers that may take the request; any worker by default. The server ignores all but the first five.
   */
  workers: optional(Schema.Array(Schema.String)),
  /** Whether `workers` lists workers that may not take the request; off by default. If on, it costs 10% more. */
  worker_blacklist: flag,
  /** The names of the models that may be used; `["stable_diffusion"]` by default. An empty list allows any model. */
  models: optional(Schema.Array(Schema.String)),
  /** The source image as base64, or a URL from which the server downloads it (within 2 seconds, at most 5 MB). */
  source_image: optional(identity(sensitive(Schema.String), "presence")),
  /** The use of the source image; `img2img` by default. */
  source_processing: optional(openEnum<SourceProcessing>()),
  /** The area to paint over, as base64. It requires a source image. */
  source_mask: optional(identity(sensitive(Schema.String), "presence")),
  /** Additional source images for the source processing `remix`, at most 5. */
  extra_source_images: optional(identity(Schema.Array(ExtraSourceImage).pipe(Schema.maxItems(5)), "presence")),
  /** Whether replies have links to the images; on by default. If off, they have the images as base64. */
  r2: flag,
  /** Obsolete: the server ignores it. */
  shared: flagNotCompared,
  /**
   * Whether the server rewrites a suspicious prompt instead of refusing it; on by default. It always refuses a
   * suspicious prompt of more than 7,000 characters.
   */
  replacement_filter: flagNotCompared,
  /** The account on whose behalf the request is made. Only for service accounts. */
  proxied_account: optional(identity(Schema.String, "none")),
  /**
   * Whether each image is a separate job for the workers; off by default. With several images, only for trusted
   * accounts.
   */
  disable_batching: flag,
  /**
   * Whether the server may reduce the size, the steps or the priority if the account has too few kudos; off by default.
   * If off, the server refuses the request.
   */
  allow_downgrade: flagNotCompared,
  /** An https URL, 10 to 1024 characters. The server sends a request to it for each image. */
  webhook: optional(identity(sensitive(text(10, 1024)), "none")),
  /** The id or name of a style to apply, 3 to 1024 characters. */
  style: optional(identity(text(3, 1024), "none")),
  /** The texts for the placeholders in the prompt of the style; newer servers only. */
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
 * {@link GenerationInputStable} as JSON, before the fields in `extra` are moved one level up.
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
