/**
 * A worker, whoever runs it, and what keeps it from taking a job.
 */

import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { User, World } from "../state/world.js"
import * as Kudos from "./kudos.js"
import type { Job } from "./lifeCycle.js"

/** What somebody else's worker said that it does, and does not do, when it last checked in. */
export interface Abilities {
  /** Whether the server knows the program well enough to trust it with the store and with anything but plain pictures. */
  readonly knownBridge: boolean
  readonly nsfw: boolean
  readonly maxPixels: number
  readonly blacklist: ReadonlyArray<string>
  readonly imageToImage: boolean
  readonly painting: boolean
  readonly postProcessing: boolean
  readonly controlNet: boolean
  readonly sdxlControlNet: boolean
  readonly lora: boolean
  readonly limitsSteps: boolean
  readonly extraSlow: boolean
  readonly upfrontKudos: boolean
  /** The names of those whose jobs come first, its owner's among them. */
  readonly prefers: ReadonlySet<string>
}

/** How one of the server's own workers goes about its work. */
export interface Routine {
  readonly takesJobs: boolean
  /** Milliseconds until an idle worker notices that there is work. */
  readonly startsAfter: number
  /** Idle workers look once; neither a look that is already due nor a picture in work calls for another. */
  engaged: boolean
}

export interface Worker {
  readonly id: string
  readonly name: string
  /** Undefined where one of the server's own belongs to no account. */
  readonly owner: User | undefined
  models: ReadonlyArray<string>
  threads: number
  /** Milliseconds for one picture: given for the server's own, measured for others. */
  takes: number
  readonly knownSince: number
  /** When it last said what it does. */
  heardAt: number
  onlineUntil: number
  /** Undefined for the server's own, which can do anything. */
  abilities: Abilities | undefined
  /** Only the server's own have one; others ask for work when they please. */
  readonly routine: Routine | undefined
}

export const isOnline = (world: World, worker: Worker): boolean => worker.onlineUntil > world.now

export const online = (world: World): ReadonlyArray<Worker> => world.workers.filter((worker) => isOnline(world, worker))

/** Why a worker does not get a job. */
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

/** Anything but plain text to a picture needs a bridge that the server knows. */
const isPlain = ({ request }: Job): boolean =>
  !request.r2 &&
  request.sourceImage === undefined &&
  request.loras === 0 &&
  request.tis === 0 &&
  request.controlType === undefined &&
  request.postProcessing.length === 0

const inability = (job: Job, worker: Worker, abilities: Abilities): ReadonlyArray<readonly [boolean, Obstacle]> => {
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

/** Everything that keeps a worker from a job. */
export const obstacles = (job: Job, worker: Worker): ReadonlyArray<Obstacle> => {
  const { workerBlacklist, workers } = job.request
  const listed = workers.slice(0, 5).some((id) => Python.uuid(id) === worker.id)
  const all: ReadonlyArray<readonly [boolean, Obstacle]> = [
    [workers.length > 0 && listed === workerBlacklist, "worker_id"],
    [modelFor(job, worker) === undefined, "models"],
    ...(worker.abilities === undefined ? [] : inability(job, worker, worker.abilities))
  ]
  return all.flatMap(([applies, obstacle]) => (applies ? [obstacle] : []))
}
