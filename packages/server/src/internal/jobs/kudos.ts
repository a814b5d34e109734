/**
 * Prices. The real server computes them with a small neural network; these curves pass through the prices in the
 * recordings and are smooth in between.
 */
import type { ImageRequest } from "../state/imageRequest.js"
import * as Models from "./models.js"

const secondOrder = new Set(["k_heun", "k_dpm_2", "k_dpm_2_a", "k_dpmpp_2s_a", "k_dpmpp_sde"])

const effectiveSteps = (request: ImageRequest): number => {
  if (request.samplerName === "k_dpm_adaptive") return 40
  return secondOrder.has(request.samplerName) ? request.steps * 2 : request.steps
}

const base = (request: ImageRequest): number => {
  const area = (request.width * request.height) / 512 ** 2
  const atThirtySteps = 7.61 + 3.312 * (area - 1) + 0.656 * (area - 1) * (area - 2.25)
  const perStep = 0.16136 + 0.080456 * (area - 1)
  const plain = Math.max(0.5, atThirtySteps + perStep * (effectiveSteps(request) - 30))
  return Math.round((plain + 3 * request.loras + (request.tis > 0 ? 1 : 0)) * 100) / 100
}

const factors: Readonly<Record<Models.Family, number>> = {
  sd1: 1,
  sd2: 1,
  sdxl: 2,
  cascade: 4,
  flux: 8,
  "z-image": 8,
  qwen: 12
}

/** The price factor of a model's family. */
export const factor = (model: string | undefined): number =>
  model === undefined ? factors.sdxl : factors[Models.familyOf(model)]

/** Charged once, when a job enters the queue. */
export const tax = (request: ImageRequest): number => 3 + 5 * request.extraSourceImages

/** The estimate in the 202 reply: for one picture, without the factor of the model. */
export const estimate = (request: ImageRequest): number => Math.round(base(request))

/** A worker's reward for a picture. */
export const reward = (request: ImageRequest): number => base(request) * factor(request.models[0])

const surcharges = (request: ImageRequest): number =>
  (request.slowWorkers ? 1 : 1.2) * (request.workerBlacklist ? 1.1 : 1)

const picture = (request: ImageRequest, multiple: number): number =>
  (base(request) * multiple * (request.sourceImage === undefined ? 1 : 1.3) * 1.02 ** request.postProcessing.length +
    1) *
  surcharges(request)

/** Charged for each delivered picture. */
export const perPicture = (request: ImageRequest): number => picture(request, factor(request.models[0]))

/** The price of the whole job, as a dry run replies. */
export const dryRun = (request: ImageRequest): number =>
  Math.round(picture(request, 1) * request.n * factor(request.models[0]) + 1)

/** Whether the job is so large that the balance must cover its price when it is submitted. */
export const neededUpfront = (
  request: ImageRequest,
  horde: { readonly threads: number; readonly queue: number }
): boolean => {
  const free = Math.min(1024, Math.max(576, 1024 + 10 * horde.threads - 0.9 * horde.queue))
  const side = Models.isAnyOf(request.models, "sdxl", "cascade", "flux", "qwen", "z-image") ? 1024 : free
  return (
    !request.slowWorkers ||
    (request.samplerName === "lcm" && request.steps > 10) ||
    (request.modelsGiven && request.steps > 40) ||
    request.width * request.height > side ** 2 ||
    (request.controlType !== undefined && request.steps > 20)
  )
}
