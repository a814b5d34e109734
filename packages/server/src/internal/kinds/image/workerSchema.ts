/**
 * The JSON schemas by which the server judges what workers send.
 */
import { bool, check, integer, list, oneOf, string, text, wholeNumber } from "../../python/jsonSchema.js"

export const checkPop = check({
  type: "object",
  properties: {
    name: string,
    priority_usernames: list(string),
    nsfw: bool,
    models: list(text(3, 255)),
    bridge_agent: text(0, 1000),
    threads: integer(1, 50),
    require_upfront_kudos: bool,
    amount: integer(1, 20),
    extra_slow_worker: bool,
    max_pixels: wholeNumber,
    blacklist: list(string),
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

const remark = {
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

export const checkDelivery = check({
  type: "object",
  required: ["id", "seed"],
  properties: {
    id: string,
    generation: string,
    state: oneOf(["ok", "censored", "faulted", "csam"]),
    seed: wholeNumber,
    censored: bool,
    gen_metadata: list(remark)
  }
})
