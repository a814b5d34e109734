/**
 * The built-in workers. They take jobs, deliver results and report failures through the same functions as external
 * workers.
 */
import * as Duration from "effect/Duration"
import * as Accounts from "../../Accounts.js"
import * as JobFaults from "../faults/jobFaults.js"
import type { Attempt } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { WorkerOptions } from "../state/options.js"
import * as Worker from "../state/worker.js"
import type { World } from "../state/world.js"
import type { JobKind } from "./kind.js"
import * as LifeCycle from "./lifeCycle.js"
import { isOnline } from "./onlineWorkers.js"
import * as Queue from "./queue.js"

/** Delivers a result or fails the attempt, unless the server has given up on it. */
const finish = <T extends Types>(world: World, kind: JobKind<T>, attempt: Attempt<T>): void => {
  const { job, seed } = attempt
  if (attempt.outcome !== "running" || job.gone) return
  if (JobFaults.apply(world, job, "LoseAttempts")) return
  const result = JobFaults.apply(world, job, "FailAttempts") ? undefined : kind.produce(world, attempt)
  if (result === undefined) {
    LifeCycle.fail(world, kind, attempt)
    return
  }
  const censored = JobFaults.apply(world, job, "Censor")
  const metadata = censored ? [{ type: "censorship", value: "csam" }] : []
  LifeCycle.deliver(world, kind, attempt, { seed, censored, metadata, result })
}

const poll = <T extends Types>(world: World, kind: JobKind<T>, worker: Worker.Worker<T>): void => {
  const { routine } = worker
  if (routine === undefined || !kind.poolOf(world).workers.includes(worker)) return
  const [attempt] = Queue.pop(world, kind, worker, 1)
  routine.engaged = attempt !== undefined
  if (attempt === undefined) return
  world.schedule(world.now + worker.takes, () => {
    finish(world, kind, attempt)
    routine.poll()
    wake(world)
  })
}

/** Schedules a poll of every idle worker. */
export const wake = (world: World): void => {
  for (const worker of world.workers) {
    const { routine } = worker
    if (routine === undefined || routine.engaged || !routine.takesJobs || !isOnline(world, worker)) continue
    routine.engaged = true
    world.schedule(world.now + routine.startsAfter, routine.poll)
  }
}

/** The names and models of built-in workers without options. */
export interface Defaults {
  readonly name: string
  readonly models: ReadonlyArray<string>
}

/** Adds a built-in worker to a new server. */
export const add = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  options: WorkerOptions,
  defaults: Defaults
): void => {
  const worker: Worker.Worker<T> = {
    ...Worker.start(),
    id: world.uuid(),
    name: options.name ?? defaults.name,
    owner: world.users.get(Accounts.workerKey),
    models: options.models ?? defaults.models,
    threads: 1,
    takes: Duration.toMillis(options.takes ?? "2 seconds"),
    registeredAt: world.now,
    updatedAt: world.now,
    bridgeAgent: "embedded:1:unknown",
    ip: "127.0.0.1",
    onlineUntil: (options.online ?? true) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
    abilities: undefined,
    routine: {
      takesJobs: options.takesJobs ?? true,
      startsAfter: Duration.toMillis(options.startsAfter ?? "1 second"),
      poll: () => poll(world, kind, worker),
      engaged: false
    }
  }
  kind.poolOf(world).workers.push(worker)
}
