/**
 * Reads an image request from its validated body. The defaults are those that the real server applies; some differ from
 * the published ones.
 */
import type { ImageBody, ImageRequest } from "../../state/imageRequest.js"
import { commonFields, nonEmpty } from "../requestFields.js"

export const fromBody = (body: ImageBody): ImageRequest => {
  const params = body.params ?? {}
  const controlType = params.control_type
  const steps = params.steps ?? (controlType === undefined ? 30 : 20)
  return {
    ...commonFields(body),
    prompt: body.prompt,
    width: params.width ?? 512,
    height: params.height ?? 512,
    steps: controlType === undefined ? steps : Math.min(steps, 40),
    n: params.n ?? 1,
    cfgScale: params.cfg_scale ?? 5,
    samplerName: params.sampler_name ?? "k_euler_a",
    karras: params.karras ?? true,
    seed: params.seed,
    seedVariation: params.seed_variation,
    controlType,
    postProcessing: params.post_processing ?? [],
    loras: params.loras?.length ?? 0,
    tis: params.tis?.length ?? 0,
    models: body.models ?? ["stable_diffusion"],
    modelsGiven: body.models !== undefined,
    nsfw: body.nsfw ?? true,
    censorNsfw: body.censor_nsfw ?? true,
    replacementFilter: body.replacement_filter ?? true,
    r2: body.r2 ?? true,
    sourceImage: nonEmpty(body.source_image),
    sourceMask: nonEmpty(body.source_mask),
    sourceProcessing: body.source_processing ?? "img2img",
    workflow: params.workflow,
    params,
    body,
    extraSources: body.extra_source_images
  }
}
