/**
 * Image jobs as a kind of jobs.
 */
import { checkIp } from "../../jobs/addresses.js"
import { alike, generationQuota, type JobKind } from "../../jobs/kind.js"
import * as Progress from "../../jobs/progress.js"
import { moderatedPrompt } from "../../jobs/promptModeration.js"
import type { Image } from "../../state/image.js"
import * as Abilities from "./abilities.js"
import { checkRequest } from "./combinations.js"
import * as Kudos from "./kudos.js"
import { seedFor } from "./seeds.js"
import { checkSources, checkStorable } from "./storability.js"
import { withStyle } from "./style.js"

const timeLimit: JobKind<Image>["timeLimit"] = (request, { abilities }) => {
  const { controlType, height, models, steps, width } = request
  const seconds = Math.max(150, 30 + (2 * steps * width * height) / 512 ** 2)
  const factors = [
    controlType === undefined ? 1 : 2,
    Kudos.factor(models[0]) >= 8 ? 3 : 1,
    abilities?.extraSlow === true ? 3 : 1
  ]
  return factors.reduce((product, factor) => product * factor, 1000 * seconds)
}

/** Batches are limited by the pixels that the worker has memory for. */
const maxBatch: JobKind<Image>["maxBatch"] = ({ request }, { abilities }) => {
  const { disableBatching, height, width, workflow } = request
  return disableBatching || workflow !== undefined
    ? 1
    : Math.floor((abilities?.maxPixels ?? Number.POSITIVE_INFINITY) / (width * height))
}

export const image: JobKind<Image> = {
  name: "image",
  poolOf: (world) => world.image,
  moderate: (world, sender, request) => {
    checkIp(world, sender.ip)
    return { ...request, prompt: moderatedPrompt(world, sender, request) }
  },
  checks: {
    request: checkRequest,
    storable: checkStorable,
    stored: checkSources,
    limits: (key, { height, steps, width }) => [
      { unit: "pixels per picture", limit: key.maxImagePixels, value: width * height },
      { unit: "steps per picture", limit: key.maxImageSteps, value: steps }
    ]
  },
  styles: { type: "image", apply: withStyle },
  prices: Kudos.prices,
  sharedKeys: true,
  quota: generationQuota,
  needsModels: true,
  ...alike,
  seed: seedFor,
  timeLimit,
  settle: ({ job, worker }, { censored }) =>
    Kudos.settle(job.request, censored, worker.abilities?.knownBridge !== false),
  settleCancelled: undefined,
  // This is how a job can end with fewer pictures than requested, without an error.
  retries: (job) => Progress.delivered(job).length + job.failed < job.target,
  cancelledTarget: (job) => Progress.delivered(job).length,
  lacks: Abilities.lacks,
  maxBatch,
  produce: () => ({ _tag: "Painted" })
}
