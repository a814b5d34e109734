/**
 * Prices. The real server computes them with a small neural network. These curves are close to the prices that were
 * recorded: `test/recordings/prices.jsonl` has 56 of them.
 */
import type { Prices, Settlement } from "../../jobs/kind.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import * as Models from "./models.js"
import { isUpscaler } from "./schema.js"

const secondOrder = new Set(["k_heun", "k_dpm_2", "k_dpm_2_a", "k_dpmpp_2s_a", "k_dpmpp_sde"])

const effectiveSteps = ({ samplerName, steps }: ImageRequest): number => {
  if (samplerName === "k_dpm_adaptive") return 60
  return secondOrder.has(samplerName) ? steps * 2 : steps
}

/** The price of a picture of 512 x 512 pixels by the number of steps. */
const priceOfSteps: ReadonlyArray<readonly [steps: number, price: number]> = [
  [0, 3.7],
  [8, 4.06],
  [30, 7.61],
  [50, 10.98],
  [200, 34],
  [300, 54],
  [500, 121],
  [1000, 288]
]

/** Linear between the points, and beyond the last one. */
const interpolate = (points: typeof priceOfSteps, at: number): number => {
  const next = points.findIndex(([x]) => x >= at)
  const index = next === -1 ? points.length - 1 : Math.max(1, next)
  const [x0, y0] = points[index - 1] ?? [0, 0]
  const [x1, y1] = points[index] ?? [1, 1]
  return y0 + ((at - x0) * (y1 - y0)) / (x1 - x0)
}

/** The surcharge for a side of more than 512 pixels. */
const sideSurcharge = (side: number): number => 4.1 * Math.max(0, side / 512 - 1) ** 2.1

/** The largest difference of the surcharges of both sides. */
const maxDifference = 52

const areaOf = ({ height, width }: ImageRequest): number => (width * height) / 512 ** 2

/** The price of a picture with 30 steps by its size. */
const priceOfSize = (request: ImageRequest): number => {
  const { height, width } = request
  const short = sideSurcharge(Math.min(width, height))
  const long = Math.min(sideSurcharge(Math.max(width, height)), short + maxDifference)
  return 5.89 + 1.72 * areaOf(request) + short + long
}

/** Post-processors that enlarge a picture cost more than the others. */
const postProcessorFactor = (name: string): number => (isUpscaler(name) ? 1.43 : 1.1)

const base = (request: ImageRequest): number => {
  const steps = effectiveSteps(request)
  // fewer steps save less on a large picture
  const fixed = 0.014 * Math.max(0, areaOf(request) - 1) * Math.max(0, 30 - steps)
  const plain = (priceOfSize(request) * interpolate(priceOfSteps, steps)) / 7.61 + fixed
  const extras = request.params["hires_fix"] === true ? 1.19 : 1
  return Math.round((plain * extras + 3 * request.loras + (request.tis > 0 ? 1 : 0)) * 100) / 100
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

const sourceFactor = ({ sourceImage, sourceProcessing }: ImageRequest): number => {
  if (sourceImage === undefined) return 1
  return sourceProcessing === "inpainting" ? 1.7 : 1.3
}

const picture = (request: ImageRequest, multiple: number): number => {
  const postProcessing = request.postProcessing.reduce((product, name) => product * postProcessorFactor(name), 1)
  return (base(request) * multiple * sourceFactor(request) * postProcessing + 1) * surcharges(request)
}

/** Millions of pixels times steps: the unit of work in account statistics. */
const megapixelSteps = ({ height, steps, width }: ImageRequest): number => (width * height * steps) / 1_000_000

/** The part of the reward that is credited to programs that the server does not know. */
const unknownBridge = 0.75

/** The value of a picture that a program has delivered. */
export const settle = (request: ImageRequest, censored: boolean, isKnown: boolean): Settlement => ({
  price: censored ? 1 : picture(request, factor(request.models[0])),
  reward: reward(request),
  credited: reward(request) * (isKnown ? 1 : unknownBridge),
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
