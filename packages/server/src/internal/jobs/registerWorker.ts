/**
 * Registration of external workers. Every pop of a worker registers it again, and keeps it online for five minutes.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import { refuse, refuseNul } from "../state/refusal.js"
import type { Abilities, Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import * as Models from "./models.js"

/** The capabilities that a worker declares in the body of a pop. */
export interface WorkerDescription {
  readonly name?: string
  readonly priority_usernames?: ReadonlyArray<string>
  readonly nsfw?: boolean
  readonly models?: ReadonlyArray<string>
  readonly bridge_agent?: string
  readonly threads?: number
  readonly require_upfront_kudos?: boolean
  readonly extra_slow_worker?: boolean
  readonly max_pixels?: number
  readonly blacklist?: ReadonlyArray<string>
  readonly allow_img2img?: boolean
  readonly allow_painting?: boolean
  readonly allow_post_processing?: boolean
  readonly allow_controlnet?: boolean
  readonly allow_sdxl_controlnet?: boolean
  readonly allow_lora?: boolean
  readonly limit_max_steps?: boolean
}

const onlineTime = 300_000

/** The minimum time between two updates of a worker's capabilities; it does not apply to a new worker. */
const updateInterval = 30_000

/** The milliseconds per picture that are assumed until a worker has delivered one. */
const defaultTakes = 1000

const knownBridges = new Set(["AI Horde Worker", "AI Horde Worker reGen"])

const abilitiesOf = (owner: Account.User, body: WorkerDescription): Abilities => {
  const [bridge = ""] = (body.bridge_agent ?? "unknown:0:unknown").split(":")
  return {
    knownBridge: knownBridges.has(bridge),
    nsfw: body.nsfw ?? true,
    maxPixels: body.max_pixels ?? 262_144,
    blacklist: (body.blacklist ?? []).slice(0, 200).map((word) => Python.strip(word).slice(0, 15)),
    imageToImage: body.allow_img2img ?? true,
    painting: body.allow_painting ?? true,
    postProcessing: body.allow_post_processing ?? true,
    controlNet: body.allow_controlnet ?? false,
    sdxlControlNet: body.allow_sdxl_controlnet ?? false,
    lora: body.allow_lora ?? false,
    limitsSteps: body.limit_max_steps ?? false,
    extraSlow: body.extra_slow_worker ?? false,
    upfrontKudos: body.require_upfront_kudos ?? false,
    prefers: new Set([owner.username, ...(body.priority_usernames ?? [])])
  }
}

/** The limit on workers per account: four, or twenty-one for trusted accounts. */
const checkNew = (world: World, owner: Account.User, name: string): void => {
  if (/colab|tpu|google/i.test(name)) refuse(400, "BadRequest", "This worker name is not allowed")
  const count = world.workers.filter((worker) => worker.owner === owner && worker.routine === undefined).length
  if (!Account.isTrusted(owner) && count > 3) refuse(403, "TooManyWorkers", `This account already has ${count} workers`)
  if (count > 20) refuse(403, "TooManyWorkersTrusted", `This account already has ${count} workers`)
}

/** Creates the worker with this name or updates its capabilities. */
export const registerWorker = (world: World, owner: Account.User, name: string, body: WorkerDescription): Worker => {
  const known = world.workers.find((worker) => worker.name === name)
  if (known === undefined) checkNew(world, owner, name)
  else if (known.owner !== owner || known.routine !== undefined) {
    refuse(403, "WrongCredentials", `The worker ${name} belongs to another account`)
  }
  const models = Models.accepted(world, owner, body.models ?? [])
  refuseNul([name, body.bridge_agent, body.blacklist])
  if (models.length === 0) refuse(400, "BadRequest", "A worker needs at least one model that the server knows")
  if (
    known !== undefined &&
    world.now - known.registeredAt >= updateInterval &&
    world.now - known.updatedAt < updateInterval
  ) {
    return known
  }
  const update = {
    models,
    threads: body.threads ?? 1,
    updatedAt: world.now,
    onlineUntil: world.now + onlineTime,
    abilities: abilitiesOf(owner, body)
  }
  if (known !== undefined) return Object.assign(known, update)
  const id = world.uuid()
  const worker: Worker = {
    id,
    name,
    owner,
    takes: defaultTakes,
    registeredAt: world.now,
    routine: undefined,
    ...update
  }
  world.workers.push(worker)
  return worker
}
