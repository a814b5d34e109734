/**
 * The recorded request of a job, as newer servers return it to the API key that submitted it.
 */
import type { Image } from "../../state/image.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import type { Job } from "../../state/job.js"
import type { World } from "../../state/world.js"
import { recordedFields, select } from "../requestFields.js"
import { paramNames } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

/** The parameters as received, over the server's defaults, with the size and steps after a downgrade. */
const params = ({ cfgScale, height, karras, n, params, samplerName, steps, width }: ImageRequest): Fields => ({
  n,
  cfg_scale: cfgScale,
  sampler_name: samplerName,
  karras,
  ...select(params, paramNames),
  width,
  height,
  steps
})

/** Returned as received; absent if absent in the request. */
const unchanged = new Set(["proxied_account", "webhook", "template_fields"])

/** Source images are returned as references into the server's own storage. */
const sources = (world: World, job: Job<Image>): Fields => {
  const reference = (name: string): string => `${world.origin}/sources/${job.id}_${name}.webp`
  const { extraSources, sourceImage, sourceMask } = job.request
  return {
    ...(sourceImage === undefined ? {} : { source_image: reference("src") }),
    ...(sourceMask === undefined ? {} : { source_mask: reference("msk") }),
    ...(extraSources === undefined
      ? {}
      : {
          extra_source_images: extraSources.map((source, index) => ({
            ...source,
            image: reference(`esi_${index}`)
          }))
        })
  }
}

/** The prompt is the one received, before any style or replacement. Fields about the submit alone are left out. */
export const submitted = (world: World, job: Job<Image>): Fields => {
  const { received: request } = job
  return {
    ...recordedFields(request),
    prompt: request.prompt,
    params: params(request),
    nsfw: request.nsfw,
    validated_backends: request.body["validated_backends"] ?? false,
    censor_nsfw: request.censorNsfw,
    ...sources(world, job),
    source_processing: request.sourceProcessing,
    r2: request.r2,
    shared: false,
    ...select(request.body, unchanged)
  }
}
