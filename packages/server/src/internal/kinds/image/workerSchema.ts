/**
 * The JSON schemas of a worker's requests, as the real server applies them.
 */
import type { WorkerDescription } from "../../jobs/registerWorker.js"
import type { ResultBody } from "../../jobs/workerResults.js"
import { bool, check, list, oneOf, text, wholeNumber } from "../../python/jsonSchema.js"
import { popProperties, submitProperties } from "../workerProperties.js"

/** A valid poll for work. */
export interface PopBody extends WorkerDescription {
  readonly max_pixels?: number
  readonly allow_img2img?: boolean
  readonly allow_painting?: boolean
  readonly allow_post_processing?: boolean
  readonly allow_controlnet?: boolean
  readonly allow_sdxl_controlnet?: boolean
  readonly allow_lora?: boolean
  readonly limit_max_steps?: boolean
}

export const checkPop = check<PopBody>({
  type: "object",
  properties: {
    ...popProperties,
    max_pixels: wholeNumber,
    allow_img2img: bool,
    allow_painting: bool,
    allow_unsafe_ipaddr: bool,
    allow_post_processing: bool,
    allow_controlnet: bool,
    allow_sdxl_controlnet: bool,
    allow_lora: bool,
    limit_max_steps: bool
  }
})

const metadata = {
  type: "object",
  required: ["type", "value"],
  properties: {
    type: oneOf([
      "lora",
      "ti",
      "censorship",
      "source_image",
      "source_mask",
      "extra_source_images",
      "batch_index",
      "information",
      "aesthetic_score"
    ]),
    value: oneOf(["download_failed", "parse_failed", "baseline_mismatch", "csam", "nsfw", "see_ref"]),
    ref: text(0, 255)
  }
}

/** A valid result. */
export interface SubmitBody extends ResultBody {
  readonly seed: number
}

export const checkSubmit = check<SubmitBody>({
  type: "object",
  required: ["id", "seed"],
  properties: {
    ...submitProperties,
    censored: bool,
    gen_metadata: list(metadata)
  }
})
