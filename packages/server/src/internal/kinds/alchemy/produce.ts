/**
 * The results of the built-in worker: computed from the pixels of the source image. Pictures of the built-in painter
 * have a description, which is their caption.
 */
import type { Image } from "@napi-rs/canvas"
import { encodeBase64 } from "effect/Encoding"
import { descriptionIn } from "../../painter/description.js"
import type { Alchemy } from "../../state/alchemy.js"
import type { Attempt } from "../../state/job.js"
import type { World } from "../../state/world.js"
import * as Description from "../../vision/description.js"
import * as Picture from "../../vision/picture.js"
import { formOf, isPostProcessor } from "./forms.js"
import { sourceOf } from "./pictures.js"

/** Upscalers have their factor in their names, such as `RealESRGAN_x2plus` and `4x_AnimeSharp`. */
const factorOf = (name: string): number => (/2x|x2/.test(name) ? 2 : /4x|x4|NMKD_Siax/.test(name) ? 4 : 1)

/** The picture of a post-processor. A face fixer encodes it again. */
const processed = (name: string, image: Image): Uint8Array | undefined =>
  name === "strip_background" ? Picture.withoutBackground(image) : Picture.scaled(image, factorOf(name))

const captionOf = (image: Image, source: Uint8Array): string => descriptionIn(source) ?? Description.caption(image)

/** The results of the other forms. */
const values: Readonly<Record<string, (image: Image, source: Uint8Array) => unknown>> = {
  caption: captionOf,
  interrogation: (image) => ({ tags: Description.tags(image) }),
  nsfw: () => false,
  vectorize: Description.svg,
  palette: Description.colours,
  describe: (image, source) => Description.description(image, captionOf(image, source)),
  aesthetic: Description.aesthetic,
  annotation: (image) => encodeBase64(Picture.grey(image))
}

/** `undefined`, a failure, if the source image cannot be read, or the result would be too large. */
export const produce = (world: World, { job, part }: Attempt<Alchemy>): Alchemy["result"] | undefined => {
  const form = formOf(job, part)
  const { id, name } = form
  const source = sourceOf(world, job.request)
  const image = source === undefined ? undefined : Picture.decode(source)
  if (source === undefined || image === undefined) return undefined
  if (!isPostProcessor(form)) return { [name]: values[name]?.(image, source) }
  const bytes = processed(name, image)
  if (bytes === undefined) return undefined
  world.store.set(id, { bytes, contentType: "image/webp", at: world.now })
  return { [name]: "R2" }
}
