/**
 * The known values of fields in alchemy jobs. They only serve completion in the editor: any other string is accepted.
 *
 * @since 0.1.0
 */
import type { PostProcessor } from "../image/models/values.js"
import type { OpenEnum } from "../schema/openEnum.js"

/**
 * A form: what is done with the source image. The post-processors return an image, the others a text or data.
 *
 * @since 0.1.0
 * @category models
 */
export type AlchemyForm =
  | OpenEnum<"caption" | "interrogation" | "nsfw" | "vectorize" | "palette" | "describe" | "aesthetic" | "annotation">
  | PostProcessor

/**
 * The state of a form.
 *
 * @since 0.1.0
 * @category models
 */
export type FormState = OpenEnum<"waiting" | "processing" | "done" | "cancelled" | "faulted">

/**
 * The state of an alchemy job. `partial`: all forms have ended, and not all of them with a result.
 *
 * @since 0.1.0
 * @category models
 */
export type AlchemyState = OpenEnum<"waiting" | "processing" | "done" | "partial" | "faulted">
