/**
 * The models that requests for images and for texts have in common.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { nullable } from "../schema/nullable.js"
import { optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"

const extraSourceImageFields = {
  /** The image as base64, or its URL. */
  image: sensitive(Schema.String.pipe(Schema.minLength(1))),
  /** The weight of the image; 1 by default. */
  strength: optional(Schema.Finite),
  /** The URL of the original image; newer servers only. */
  original_url: optional(sensitive(Schema.String))
}

/**
 * An additional source image, for the source processing `remix` of image jobs.
 *
 * @since 0.1.0
 * @category models
 */
export interface ExtraSourceImage extends Schema.Struct.Type<typeof extraSourceImageFields> {}

/** The schema of {@link ExtraSourceImage}. */
export const ExtraSourceImage: Schema.Schema<ExtraSourceImage> = Schema.Struct(extraSourceImageFields).annotations({
  identifier: "ExtraSourceImage"
})

/**
 * The fields of a sent model in a reported request, all of them optional.
 *
 * @since 0.1.0
 * @category models
 */
export type Reported<A> = { readonly [K in keyof A as Exclude<K, "extra">]?: Exclude<A[K], undefined> }

/** The server keeps only this number of `workers`. */
const maxWorkers = 5

/** The value that the server reports for a field of a sent request. */
export const reportedValue = (name: string, value: unknown): unknown =>
  name === "workers" && Array.isArray(value) ? value.slice(0, maxWorkers) : value

/** {@link ExtraSourceImage} as the server reports it: the images are links. Undeclared fields are kept. */
export const reportedSourceImages = nullable(
  Schema.Array(
    Schema.Struct(
      {
        image: nullable(sensitive(Schema.String)),
        strength: nullable(Schema.Number),
        original_url: nullable(sensitive(Schema.String))
      },
      Schema.Record({ key: Schema.String, value: Schema.Unknown })
    )
  )
)
