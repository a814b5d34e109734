/**
 * A new horde from its options.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Accounts from "../../Accounts.js"
import type * as Faults from "../../Faults.js"
import type { Options, WorkerOptions } from "../../HordeServer.js"
import * as Rules from "../faults/rules.js"
import * as OwnWorkers from "../jobs/builtInWorkers.js"
import type { Worker } from "../jobs/workers.js"
import * as Account from "./account.js"
import { World } from "./world.js"

const defaultModels = [
  "stable_diffusion",
  "Deliberate",
  "Fustercluck",
  "AlbedoBase XL (SDXL)",
  "Flux.1-Schnell fp8 (Compact)"
]

const workersOf = (options: Options["worker"]): ReadonlyArray<WorkerOptions> => {
  if (options === false) return []
  if (options === undefined) return [{}]
  return Array.isArray(options) ? options : [options as WorkerOptions]
}

const worker = (world: World, options: WorkerOptions, index: number): Worker => ({
  id: world.uuid(),
  name: options.name ?? (index === 0 ? "embedded" : `embedded ${index + 1}`),
  owner: world.users.get(Accounts.workerKey),
  models: options.models ?? defaultModels,
  threads: 1,
  takes: Duration.toMillis(options.takes ?? "2 seconds"),
  knownSince: world.now,
  heardAt: world.now,
  onlineUntil: (options.online ?? true) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
  abilities: undefined,
  routine: {
    takesJobs: options.takesJobs ?? true,
    startsAfter: Duration.toMillis(options.startsAfter ?? "1 second"),
    engaged: false
  }
})

export const build = (options: Options, now: number): World => {
  const world = new World(
    {
      seed: options.seed,
      maintenance: options.maintenance ?? false,
      raisedLimits: options.limits === "raised",
      tellsRequests: options.tellsRequests ?? true,
      corruptPrompt: options.corruptPrompt ?? (() => false)
    },
    now
  )
  for (const account of [Accounts.anonymous, ...(options.accounts ?? Accounts.defaults)]) {
    world.users.set(account.apiKey, Account.start(account))
  }
  world.workers.push(...workersOf(options.worker).map((options, index) => worker(world, options, index)))
  return world
}

export const faults = (world: World): Faults.Service => ({
  script: (...rules) =>
    Effect.map(
      Effect.clockWith((clock) => clock.currentTimeMillis),
      (now) => {
        world.advance(now)
        world.rules.push(...rules.map(Rules.start))
        for (const job of [...world.live.values()]) if (Rules.inTrouble(world, job, "Vanish")) world.forget(job)
      }
    ),
  clear: Effect.map(
    Effect.clockWith((clock) => clock.currentTimeMillis),
    (now) => {
      world.advance(now)
      world.rules = []
      OwnWorkers.wake(world)
    }
  )
})
