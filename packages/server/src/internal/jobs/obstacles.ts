/**
 * The reasons for which a worker cannot take a job.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { Job } from "../state/job.js"
import type { Abilities, Worker } from "../state/worker.js"
import * as Kudos from "./kudos.js"

/** The names under which a pop's reply counts skipped jobs. */
export type Obstacle =
  | "img2img"
  | "painting"
  | "post-processing"
  | "lora"
  | "controlnet"
  | "worker_id"
  | "performance"
  | "nsfw"
  | "untrusted"
  | "models"
  | "bridge_version"
  | "max_pixels"
  | "kudos"
  | "blacklist"
  | "step_count"

/** The model that a worker would use for a job. */
export const modelFor = (job: Job, worker: Worker): string | undefined =>
  job.request.models.length === 0 ? worker.models[0] : job.request.models.find((model) => worker.models.includes(model))

const isPainting = (job: Job): boolean => /painting$/.test(job.request.sourceProcessing)

/** Plain text-to-image with the result in the reply: the only kind of job for unknown bridges. */
const isPlain = ({ request }: Job): boolean =>
  !request.r2 &&
  request.sourceImage === undefined &&
  request.loras === 0 &&
  request.tis === 0 &&
  request.controlType === undefined &&
  request.postProcessing.length === 0

const missingAbilities = (
  job: Job,
  worker: Worker,
  abilities: Abilities
): ReadonlyArray<readonly [boolean, Obstacle]> => {
  const { owner, request } = job
  const prompt = request.prompt.toLowerCase()
  const xl = Kudos.factor(request.models[0]) > 1
  return [
    [request.sourceImage !== undefined && !abilities.imageToImage, "img2img"],
    [isPainting(job) && !abilities.painting, "painting"],
    [request.postProcessing.length > 0 && !abilities.postProcessing, "post-processing"],
    [request.loras > 0 && !abilities.lora, "lora"],
    [request.controlType !== undefined && !(abilities.controlNet && (!xl || abilities.sdxlControlNet)), "controlnet"],
    [!request.extraSlowWorkers && abilities.extraSlow, "performance"],
    [request.nsfw && !abilities.nsfw, "nsfw"],
    [request.trustedWorkers && (worker.owner === undefined || !Account.isTrusted(worker.owner)), "untrusted"],
    [!abilities.knownBridge && !isPlain(job), "bridge_version"],
    [request.width * request.height > abilities.maxPixels, "max_pixels"],
    [abilities.upfrontKudos && owner.kudos - Account.floor(owner) < Kudos.dryRun(request), "kudos"],
    [abilities.blacklist.some((word) => prompt.includes(word.toLowerCase())), "blacklist"],
    [abilities.limitsSteps && request.steps > 40, "step_count"]
  ]
}

/** Every reason that applies; empty if the worker can take the job. */
export const obstacles = (job: Job, worker: Worker): ReadonlyArray<Obstacle> => {
  const { workerBlacklist, workers } = job.request
  const listed = workers.slice(0, 5).some((id) => Python.uuid(id) === worker.id)
  const all: ReadonlyArray<readonly [boolean, Obstacle]> = [
    [workers.length > 0 && listed === workerBlacklist, "worker_id"],
    [modelFor(job, worker) === undefined, "models"],
    ...(worker.abilities === undefined ? [] : missingAbilities(job, worker, worker.abilities))
  ]
  return all.flatMap(([applies, obstacle]) => (applies ? [obstacle] : []))
}
