/**
 * Ratings of generated images.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type Model, model } from "../../schema/model.js"
import { extra, optional } from "../../schema/optional.js"

const within = (min: number, max: number) => Schema.Int.pipe(Schema.between(min, max))

/** The id of an image, 36 characters. */
const ImageId = Schema.String.pipe(Schema.minLength(36), Schema.maxLength(36))

const ratingFields = {
  /** The id of the image. */
  id: ImageId,
  /** How much the image pleases, 1 (not at all) to 10. */
  rating: within(1, 10),
  /** How visible its flaws are, 0 (none) to 5. */
  artifacts: optional(within(0, 5))
}

/**
 * The rating of one image.
 *
 * @since 0.1.0
 * @category models
 */
export interface AestheticRating extends Schema.Struct.Type<typeof ratingFields> {}

const AestheticRating: Model<AestheticRating, typeof ratingFields> = model("AestheticRating", ratingFields)

const payloadFields = {
  /** The id of the best image of the job. */
  best: optional(ImageId),
  /** The ratings of single images. */
  ratings: optional(Schema.Array(AestheticRating)),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The ratings of a job's images.
 *
 * @since 0.1.0
 * @category models
 */
export interface AestheticsPayload extends Schema.Struct.Type<typeof payloadFields> {}

/**
 * The schema of {@link AestheticsPayload}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AestheticsPayload: Model<AestheticsPayload, typeof payloadFields> = model(
  "AestheticsPayload",
  payloadFields
)
