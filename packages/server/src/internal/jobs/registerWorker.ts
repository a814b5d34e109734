/**
 * A worker from outside says who it is and what it does. The first time makes it known; from then on the server
 * believes it for five minutes.
 */

import type { Fields } from "../http/arguments.js"
import { refuse, refuseNul } from "../http/reply.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { User, World } from "../state/world.js"
import * as Models from "./models.js"
import type { Abilities, Worker } from "./workers.js"

const staysOnline = 300_000

/** How long what a worker said of itself stands before it may say something else, except in its first moments. */
const settled = 30_000

/** A worker is slow or fast by what it did; until it has done something it is taken to be fast. */
const unmeasured = 1000

const knownBridges = new Set(["AI Horde Worker", "AI Horde Worker reGen"])

const abilitiesOf = (owner: User, body: Fields): Abilities => {
  const pick = <A>(name: string, otherwise: A): A => (body[name] === undefined ? otherwise : (body[name] as A))
  const [bridge = ""] = pick("bridge_agent", "unknown:0:unknown").split(":")
  return {
    knownBridge: knownBridges.has(bridge),
    nsfw: pick("nsfw", true),
    maxPixels: pick("max_pixels", 262_144),
    blacklist: pick<ReadonlyArray<string>>("blacklist", [])
      .slice(0, 200)
      .map((word) => Python.strip(word).slice(0, 15)),
    imageToImage: pick("allow_img2img", true),
    painting: pick("allow_painting", true),
    postProcessing: pick("allow_post_processing", true),
    controlNet: pick("allow_controlnet", false),
    sdxlControlNet: pick("allow_sdxl_controlnet", false),
    lora: pick("allow_lora", false),
    limitsSteps: pick("limit_max_steps", false),
    extraSlow: pick("extra_slow_worker", false),
    upfrontKudos: pick("require_upfront_kudos", false),
    prefers: new Set([owner.username, ...pick<ReadonlyArray<string>>("priority_usernames", [])])
  }
}

/** Accounts that are not trusted may have four workers, others twenty-one. */
const checkNew = (world: World, owner: User, name: string): void => {
  if (/colab|tpu|google/i.test(name)) refuse(400, "BadRequest", "Workers may not be called so")
  const held = world.workers.filter((worker) => worker.owner === owner && worker.routine === undefined).length
  if (!Account.isTrusted(owner) && held > 3) refuse(403, "TooManyWorkers", `This account already has ${held} workers`)
  if (held > 20) refuse(403, "TooManyWorkersTrusted", `This account already has ${held} workers`)
}

/** The worker of this name, as it described itself now or the last time that counted. */
export const checkIn = (world: World, owner: User, name: string, body: Fields): Worker => {
  const known = world.workers.find((worker) => worker.name === name)
  if (known === undefined) checkNew(world, owner, name)
  else if (known.owner !== owner || known.routine !== undefined) {
    refuse(403, "WrongCredentials", `The worker ${name} belongs to somebody else`)
  }
  const models = Models.accepted(world, owner, (body["models"] ?? []) as ReadonlyArray<string>)
  refuseNul([name, body["bridge_agent"], body["blacklist"]])
  if (models.length === 0) refuse(400, "BadRequest", "A worker must have a model that the server knows")
  if (known !== undefined && world.now - known.knownSince >= settled && world.now - known.heardAt < settled)
    return known
  const said = {
    models,
    threads: (body["threads"] as number | undefined) ?? 1,
    heardAt: world.now,
    onlineUntil: world.now + staysOnline,
    abilities: abilitiesOf(owner, body)
  }
  if (known !== undefined) return Object.assign(known, said)
  const id = world.uuid()
  const worker: Worker = { id, name, owner, takes: unmeasured, knownSince: world.now, routine: undefined, ...said }
  world.workers.push(worker)
  return worker
}
