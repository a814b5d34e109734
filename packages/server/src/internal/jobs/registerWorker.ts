/**
 * Registration of external workers. Every pop of a worker registers it again, and keeps it online for five minutes.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { Abilities, Types } from "../state/kind.js"
import { refuse, refuseNul, refuseRequest } from "../state/refusal.js"
import * as Worker from "../state/worker.js"
import type { World } from "../state/world.js"
import { checkIp } from "./addresses.js"
import type { JobKind } from "./kind.js"

/** The fields that a worker of any kind declares in the body of a pop. */
export interface WorkerDescription {
  readonly name?: string
  readonly priority_usernames?: ReadonlyArray<string>
  readonly nsfw?: boolean
  readonly models?: ReadonlyArray<string>
  readonly bridge_agent?: string
  readonly threads?: number
  readonly require_upfront_kudos?: boolean
  readonly extra_slow_worker?: boolean
  readonly blacklist?: ReadonlyArray<string>
  readonly amount?: number
}

const onlineTime = 300_000

/** The minimum time between two updates of a worker's capabilities; it does not apply to a new worker. */
const updateInterval = 30_000

/** The milliseconds per generation that are assumed until a worker has delivered one. */
const defaultTakes = 1000

/** The capabilities that workers of every kind declare. */
export const commonAbilities = (
  owner: Account.User,
  body: WorkerDescription,
  knownBridges: ReadonlySet<string>
): Abilities => {
  const [bridge = ""] = (body.bridge_agent ?? "unknown:0:unknown").split(":")
  return {
    knownBridge: knownBridges.has(bridge),
    blacklist: (body.blacklist ?? []).slice(0, 200).map((word) => Python.strip(word).slice(0, 15)),
    extraSlow: body.extra_slow_worker ?? false,
    upfrontKudos: body.require_upfront_kudos ?? false,
    prefers: new Set([owner.username, ...(body.priority_usernames ?? [])])
  }
}

/** The limit on workers per account: four, or twenty-one for trusted accounts. */
const checkNew = (world: World, owner: Account.User, name: string): void => {
  if (/colab|tpu|google/i.test(name)) refuseRequest("This worker name is not allowed")
  const count = world.workers.filter((worker) => worker.owner === owner && worker.routine === undefined).length
  if (world.modes.inviteOnly && count >= owner.workerInvited) {
    refuse(403, "WorkerInviteOnly", "The horde accepts new workers by invitation only")
  }
  if (!Account.isTrusted(owner) && count > 3) refuse(403, "TooManyWorkers", `This account already has ${count} workers`)
  if (count > 20) refuse(403, "TooManyWorkersTrusted", `This account already has ${count} workers`)
}

/** Adds the time since the last update to the uptime of a worker that was online. */
const countUptime = (world: World, worker: Worker.Worker): void => {
  if (!Worker.isOnline(worker, world.now)) return
  const elapsed = world.now - worker.updatedAt
  worker.totals.uptime += elapsed
  if (worker.controls.team !== undefined) worker.controls.team.totals.uptime += elapsed
}

/** Creates the worker with this name or updates its capabilities. `models` are the offered ones that are accepted. */
export const registerWorker = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  owner: Account.User,
  ip: string,
  name: string,
  body: WorkerDescription,
  models: ReadonlyArray<string>,
  abilities: T["abilities"]
): Worker.Worker<T> => {
  const pool = kind.poolOf(world)
  const { workers } = pool
  if (world.pools.some((other) => other !== pool && other.workers.some((worker) => worker.name === name))) {
    refuse(400, "PolymorphicNameConflict", `A worker of another type is called ${name}`)
  }
  checkIp(world, ip)
  const known = workers.find((worker) => worker.name === name)
  if (known === undefined) checkNew(world, owner, name)
  else if (known.owner !== owner || known.routine !== undefined) {
    refuse(403, "WrongCredentials", `The worker ${name} belongs to another account`)
  }
  refuseNul([name, body.bridge_agent, body.blacklist])
  if (models.length === 0 && kind.needsModels) refuseRequest("A worker needs at least one model that the server knows")
  if (
    known !== undefined &&
    world.now - known.registeredAt >= updateInterval &&
    world.now - known.updatedAt < updateInterval
  ) {
    return known
  }
  if (known !== undefined) countUptime(world, known)
  const update = {
    models,
    bridgeAgent: body.bridge_agent ?? "unknown:0:unknown",
    ip,
    threads: body.threads ?? 1,
    updatedAt: world.now,
    onlineUntil: world.now + onlineTime,
    abilities
  }
  if (known !== undefined) return Object.assign(known, update)
  const id = world.uuid()
  const worker: Worker.Worker<T> = {
    ...Worker.start(),
    id,
    name,
    owner,
    takes: defaultTakes,
    registeredAt: world.now,
    routine: undefined,
    ...update
  }
  workers.push(worker)
  return worker
}
