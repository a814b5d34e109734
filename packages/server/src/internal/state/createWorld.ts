/**
 * The initial state of an embedded horde, from its options.
 */
import * as Duration from "effect/Duration"
import * as Accounts from "../../Accounts.js"
import * as Account from "./account.js"
import type { Options, WorkerOptions } from "./options.js"
import type { Worker } from "./worker.js"
import { World } from "./world.js"

const defaultModels = [
  "stable_diffusion",
  "Deliberate",
  "Fustercluck",
  "AlbedoBase XL (SDXL)",
  "Flux.1-Schnell fp8 (Compact)"
]

const isList = (options: WorkerOptions | ReadonlyArray<WorkerOptions>): options is ReadonlyArray<WorkerOptions> =>
  Array.isArray(options)

const workersOf = (options: Options["worker"]): ReadonlyArray<WorkerOptions> => {
  if (options === false) return []
  if (options === undefined) return [{}]
  return isList(options) ? options : [options]
}

const makeWorker = (world: World, options: WorkerOptions, index: number): Worker => ({
  id: world.uuid(),
  name: options.name ?? (index === 0 ? "embedded" : `embedded ${index + 1}`),
  owner: world.users.get(Accounts.workerKey),
  models: options.models ?? defaultModels,
  threads: 1,
  takes: Duration.toMillis(options.takes ?? "2 seconds"),
  registeredAt: world.now,
  updatedAt: world.now,
  onlineUntil: (options.online ?? true) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
  abilities: undefined,
  routine: {
    takesJobs: options.takesJobs ?? true,
    startsAfter: Duration.toMillis(options.startsAfter ?? "1 second"),
    engaged: false
  }
})

/** The accounts that a server with these options starts with. */
export const accountsOf = (options: Options): ReadonlyArray<Accounts.Account> => [
  Accounts.anonymous,
  ...(options.accounts ?? Accounts.defaults)
]

export const createWorld = (options: Options, origin: string, now: number): World => {
  const world = new World(
    {
      seed: options.seed,
      version: (options.exposesRequests ?? true) ? "newer" : "5.1.5",
      maintenance: options.maintenance ?? false,
      raisedLimits: options.limits === "raised",
      corruptPrompt: options.corruptPrompt ?? (() => false)
    },
    origin,
    now
  )
  for (const account of accountsOf(options)) world.users.set(account.apiKey, Account.start(account))
  world.workers.push(...workersOf(options.worker).map((options, index) => makeWorker(world, options, index)))
  return world
}
