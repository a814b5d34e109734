import { withFieldNames } from "../../schema/fieldNames.js"
import { encodeBase64 } from "../base64.js"
import type { GenerationInputStable } from "./request.js"

/**
 * The most common options of a request, for {@link makeRequest}.
 *
 * @since 0.1.0
 * @category constructors
 */
export interface ImageOptions {
  /** The content of the image. */
  readonly prompt: string
  /** The content to avoid. It is appended to the prompt after `###`. */
  readonly negativePrompt?: string | undefined
  /** Width and height in pixels, each 64 to 3072 and a multiple of 64; `[512, 512]` by default. */
  readonly size?: readonly [width: number, height: number] | undefined
  /** The number of sampling steps, 1 to 500; 30 by default. */
  readonly steps?: number | undefined
  /** The number of images, 1 to 20; 1 by default. */
  readonly count?: number | undefined
  /** The seed, an integer or a text; by default each image gets a random seed. */
  readonly seed?: string | number | undefined
  /** The names of the models that may be used; `["stable_diffusion"]` by default. An empty list allows any model. */
  readonly models?: ReadonlyArray<string> | undefined
  /** The source image, as the bytes of an image file. */
  readonly sourceImage?: Uint8Array | undefined
  /** The area of the source image to paint over (inpainting), as the bytes of an image file. */
  readonly sourceMask?: Uint8Array | undefined
}

/** Maps the fields of a request to options, so that errors name the options. */
const optionOf = {
  "payload.prompt": "prompt",
  "payload.models": "models",
  "payload.source_image": "sourceImage",
  "payload.source_mask": "sourceMask",
  "payload.params.width": "size",
  "payload.params.height": "size",
  "payload.params.steps": "steps",
  "payload.params.n": "count",
  "payload.params.seed": "seed"
}

/**
 * Makes a request from common options. The fields in `more` are added unchanged; they override the fields from the
 * options. The error of an invalid request names the option: `size`, not `payload.params.width`.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 *
 * export const request = ImageGeneration.makeRequest(
 *   { prompt: "a lighthouse at dusk", negativePrompt: "people", size: [768, 512], steps: 20, count: 2 },
 *   { nsfw: false }
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeRequest = (
  options: ImageOptions,
  more: Partial<GenerationInputStable> = {}
): GenerationInputStable => {
  const { count, models, negativePrompt, prompt, seed, size, sourceImage, sourceMask, steps } = options
  const [width, height] = size ?? []
  const request = {
    prompt: negativePrompt === undefined ? prompt : `${prompt} ### ${negativePrompt}`,
    models,
    source_image: sourceImage && encodeBase64(sourceImage),
    source_mask: sourceMask && encodeBase64(sourceMask),
    source_processing: sourceMask && "inpainting",
    ...more,
    params: { width, height, steps, n: count, seed, ...more.params }
  }
  return withFieldNames(request, optionOf)
}
