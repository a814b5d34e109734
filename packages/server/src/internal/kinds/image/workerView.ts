/**
 * The fields of a worker's details that only image workers have.
 */
import type { Image, ImageAbilities } from "../../state/image.js"
import type { Abilities } from "../../state/kind.js"
import type { Worker } from "../../state/worker.js"

/** A built-in worker can do anything; its memory is that of a large external one. */
const builtIn: Omit<ImageAbilities, keyof Abilities | "limitsSteps"> = {
  nsfw: true,
  maxPixels: 4_194_304,
  imageToImage: true,
  painting: true,
  postProcessing: true,
  lora: true,
  controlNet: true,
  sdxlControlNet: true
}

export const details = (worker: Worker<Image>): Readonly<Record<string, unknown>> => {
  const abilities = worker.abilities ?? builtIn
  return {
    nsfw: abilities.nsfw,
    max_pixels: abilities.maxPixels,
    megapixelsteps_generated: Math.round(worker.totals.contributed * 100) / 100,
    img2img: abilities.imageToImage,
    painting: abilities.painting,
    "post-processing": abilities.postProcessing,
    lora: abilities.lora,
    controlnet: abilities.controlNet,
    sdxl_controlnet: abilities.sdxlControlNet
  }
}
