/**
 * The queue: selects the next job of a worker, and estimates the waiting time of a job. Built-in and external workers
 * use the same queue; each kind of jobs has its own.
 */
import * as JobFaults from "../faults/jobFaults.js"
import type { Attempt, Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Pool } from "../state/pool.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import type { JobKind, Load } from "./kind.js"
import * as LifeCycle from "./lifeCycle.js"
import { isOffered, modelFor, obstacles } from "./obstacles.js"
import { onlineWorkers } from "./onlineWorkers.js"
import * as Progress from "./progress.js"

/** Whether an online worker could take the job. */
const isServable = <T extends Types>(world: World, kind: JobKind<T>, job: Job<T>): boolean =>
  !JobFaults.apply(world, job, "Impossible") &&
  onlineWorkers(world, kind.poolOf(world)).some(
    (worker) => isOffered(job, worker) && obstacles(kind, job, worker).length === 0
  )

const cacheTime = 60_000

/** Whether an online worker could take the job, cached for a minute. */
export const canBeServed = <T extends Types>(world: World, kind: JobKind<T>, job: Job<T>): boolean => {
  if (job.possible.until <= world.now) {
    job.possible = { verdict: isServable(world, kind, job), until: world.now + cacheTime }
  }
  return job.possible.verdict
}

/** The owner's balance at the submit, plus 50 for every ten seconds of waiting. */
const currentPriority = (world: World, job: Job): number =>
  job.priority + 50 * Math.floor((world.now - job.createdAt) / 10_000)

const isOpen = (job: Job): boolean => job.slots > 0 && !job.faulted

interface Candidate<T extends Types> {
  readonly job: Job<T>
  readonly model: string
  readonly preferred: boolean
  readonly priority: number
}

/** Ties go to the older job, which is visited first. */
const isBefore = (one: Candidate<Types>, other: Candidate<Types>): boolean =>
  one.preferred === other.preferred ? one.priority > other.priority : one.preferred

const next = <T extends Types>(world: World, kind: JobKind<T>, worker: Worker<T>): Candidate<T> | undefined => {
  let best: Candidate<T> | undefined
  for (const job of kind.poolOf(world).live.values()) {
    if (!isOpen(job) || !isOffered(job, worker) || obstacles(kind, job, worker).length > 0) continue
    const model = modelFor(job, worker)
    if (model === undefined || JobFaults.apply(world, job, "Impossible")) continue
    if (JobFaults.apply(world, job, "Stall")) {
      job.slots = 0
      job.stalled = true
      continue
    }
    const preferred = worker.abilities?.prefers.has(job.owner.username) === true
    const candidate = { job, model, preferred, priority: currentPriority(world, job) }
    if (best === undefined || isBefore(candidate, best)) best = candidate
  }
  return best
}

/** Assigns the next generations to a worker, all of one job; none if the worker can take no job. */
export const pop = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  worker: Worker<T>,
  amount: number
): ReadonlyArray<Attempt<T>> => {
  const best = next(world, kind, worker)
  if (best === undefined) return []
  const { job, model } = best
  const length = Math.max(1, Math.min(amount, job.slots, kind.maxBatch(job, worker)))
  return Array.from({ length }, () => LifeCycle.assign(world, kind, job, worker, model))
}

/** Assigns the next generations to a worker, of as many jobs as needed. */
export const popFromAll = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  worker: Worker<T>,
  amount: number
): ReadonlyArray<Attempt<T>> => {
  const attempts: Array<Attempt<T>> = []
  while (attempts.length < amount) {
    const more = pop(world, kind, worker, amount - attempts.length)
    if (more.length === 0) break
    attempts.push(...more)
  }
  return attempts
}

/** How many waiting jobs a worker cannot take, by reason; a job counts once per reason. */
export const skipped = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  worker: Worker<T>
): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const job of kind.poolOf(world).live.values()) {
    if (!isOpen(job)) continue
    for (const obstacle of obstacles(kind, job, worker)) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1)
  }
  return counts
}

export interface Estimate {
  readonly position: number
  /** Seconds. */
  readonly wait: number
}

/**
 * Position and waiting time. Both are 0 in a job's first second, since the real server counts its queue at intervals.
 */
export const estimate = (world: World, pool: Pool, job: Job): Estimate => {
  if (Progress.isDone(job) || world.now - job.createdAt < 1000) return { position: 0, wait: 0 }
  const workers = onlineWorkers(world, pool)
  const takes = workers.length === 0 ? 0 : workers.reduce((sum, worker) => sum + worker.takes, 0) / workers.length
  let ahead = 0
  let waiting = Progress.waiting(job)
  for (const other of pool.live.values()) {
    if (other === job || other.faulted || Progress.waiting(other) === 0) continue
    if (currentPriority(world, other) < currentPriority(world, job)) continue
    if (currentPriority(world, other) === currentPriority(world, job) && other.createdAt >= job.createdAt) continue
    ahead++
    waiting += Progress.waiting(other)
  }
  const queue = workers.length === 0 ? 0 : (waiting * takes) / workers.length
  const current = Progress.running(job) > 0 ? takes : 0
  return { position: Progress.waiting(job) === 0 ? 0 : ahead + 1, wait: Math.round((queue + current) / 1000) }
}

export const load = (world: World, pool: Pool): Load => {
  const threads = onlineWorkers(world, pool).reduce((sum, worker) => sum + worker.threads, 0)
  let queue = 0
  for (const job of pool.live.values()) queue += Progress.waiting(job)
  return { threads, queue }
}
