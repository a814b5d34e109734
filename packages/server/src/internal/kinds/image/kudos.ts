/**
 * Prices. The real server computes them with a small neural network; these curves pass through the prices in the
 * recordings and are smooth in between.
 */
import type { Prices, Settlement } from "../../jobs/kind.js"
import type { ImageRequest } from "../../state/imageRequest.js"
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

/** The estimate in the 202 reply: for one picture, without the factor of the model. */
export const replied = (request: ImageRequest): number => Math.round(base(request))

const reward = (request: ImageRequest): number => base(request) * factor(request.models[0])

const surcharges = (request: ImageRequest): number =>
  (request.slowWorkers ? 1 : 1.2) * (request.workerBlacklist ? 1.1 : 1)

const picture = (request: ImageRequest, multiple: number): number =>
  (base(request) * multiple * (request.sourceImage === undefined ? 1 : 1.3) * 1.02 ** request.postProcessing.length +
    1) *
  surcharges(request)

/** Millions of pixels times steps: the unit of work in account statistics. */
const megapixelSteps = ({ height, steps, width }: ImageRequest): number => (width * height * steps) / 1_000_000

/** The value of a delivered picture. */
export const settle = (request: ImageRequest, censored: boolean): Settlement => ({
  price: censored ? 1 : picture(request, factor(request.models[0])),
  reward: reward(request),
  used: megapixelSteps(request),
  contributed: megapixelSteps(request)
})

const dryRun = (request: ImageRequest): number =>
  Math.round(picture(request, 1) * request.n * factor(request.models[0]) + 1)

const neededUpfront: Prices<ImageRequest>["neededUpfront"] = (request, load) => {
  const free = Math.min(1024, Math.max(576, 1024 + 10 * load.threads - 0.9 * load.queue))
  const side = Models.isAnyOf(request.models, "sdxl", "cascade", "flux", "qwen", "z-image") ? 1024 : free
  return (
    !request.slowWorkers ||
    (request.samplerName === "lcm" && request.steps > 10) ||
    (request.modelsGiven && request.steps > 40) ||
    request.width * request.height > side ** 2 ||
    (request.controlType !== undefined && request.steps > 20)
  )
}

const key = (request: ImageRequest): string =>
  JSON.stringify([
    request.width,
    request.height,
    request.steps,
    request.n,
    request.models,
    request.samplerName,
    request.slowWorkers,
    request.workerBlacklist,
    request.sourceImage !== undefined,
    request.postProcessing,
    request.loras,
    request.tis
  ])

export const prices: Prices<ImageRequest> = {
  tax: ({ extraSourceImages }) => 3 + 5 * extraSourceImages,
  dryRun,
  key,
  estimate: dryRun,
  neededUpfront,
  smaller: (request) => ({
    ...request,
    width: Math.min(request.width, 512),
    height: Math.min(request.height, 512),
    steps: Math.min(request.steps, 30)
  })
}
