/**
 * The queue: selects the next job of a worker, and estimates the waiting time of a job. Built-in and external workers
 * use the same queue.
 */
import * as JobFaults from "../faults/jobFaults.js"
import type { Attempt, Job } from "../state/job.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import * as LifeCycle from "./lifeCycle.js"
import { modelFor, type Obstacle, obstacles } from "./obstacles.js"
import { onlineWorkers } from "./onlineWorkers.js"
import * as Progress from "./progress.js"

/** Whether an online worker could take the job. */
const isServable = (world: World, job: Job): boolean =>
  !JobFaults.apply(world, job, "Impossible") &&
  onlineWorkers(world).some((worker) => obstacles(job, worker).length === 0)

const cacheTime = 60_000

/** Whether an online worker could take the job, cached for a minute. */
export const canBeServed = (world: World, job: Job): boolean => {
  if (job.possible.until <= world.now) {
    job.possible = { verdict: isServable(world, job), until: world.now + cacheTime }
  }
  return job.possible.verdict
}

/** The owner's balance at the submit, plus 50 for every ten seconds of waiting. */
const currentPriority = (world: World, job: Job): number =>
  job.priority + 50 * Math.floor((world.now - job.createdAt) / 10_000)

const isOpen = (job: Job): boolean => job.slots > 0 && !job.faulted

interface Candidate {
  readonly job: Job
  readonly model: string
  readonly preferred: boolean
  readonly priority: number
}

/** Ties go to the older job, which is visited first. */
const isBefore = (one: Candidate, other: Candidate): boolean =>
  one.preferred === other.preferred ? one.priority > other.priority : one.preferred

const next = (world: World, worker: Worker): Candidate | undefined => {
  let best: Candidate | undefined
  for (const job of world.live.values()) {
    if (!isOpen(job) || obstacles(job, worker).length > 0) continue
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

/** How many pictures of a job a worker may take at once. */
const batchSize = (job: Job, worker: Worker, amount: number): number => {
  const { disableBatching, height, width, workflow } = job.request
  if (disableBatching || workflow !== undefined) return 1
  const fits = Math.floor((worker.abilities?.maxPixels ?? Number.POSITIVE_INFINITY) / (width * height))
  return Math.max(1, Math.min(amount, job.slots, fits))
}

/** Assigns the next pictures to a worker, all of one job; none if the worker can take no job. */
export const pop = (world: World, worker: Worker, amount: number): ReadonlyArray<Attempt> => {
  const best = next(world, worker)
  if (best === undefined) return []
  const { job, model } = best
  return Array.from({ length: batchSize(job, worker, amount) }, () => LifeCycle.assign(world, job, worker, model))
}

/** How many waiting jobs a worker cannot take, by reason; a job counts once per reason. */
export const skipped = (world: World, worker: Worker): ReadonlyMap<Obstacle, number> => {
  const counts = new Map<Obstacle, number>()
  for (const job of world.live.values()) {
    if (!isOpen(job)) continue
    for (const obstacle of obstacles(job, worker)) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1)
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
export const estimate = (world: World, job: Job): Estimate => {
  if (Progress.isDone(job) || world.now - job.createdAt < 1000) return { position: 0, wait: 0 }
  const workers = onlineWorkers(world)
  const takes = workers.length === 0 ? 0 : workers.reduce((sum, worker) => sum + worker.takes, 0) / workers.length
  let ahead = 0
  let pictures = Progress.waiting(job)
  for (const other of world.live.values()) {
    if (other === job || other.faulted || Progress.waiting(other) === 0) continue
    if (currentPriority(world, other) < currentPriority(world, job)) continue
    if (currentPriority(world, other) === currentPriority(world, job) && other.createdAt >= job.createdAt) continue
    ahead++
    pictures += Progress.waiting(other)
  }
  const queue = workers.length === 0 ? 0 : (pictures * takes) / workers.length
  const current = Progress.running(job) > 0 ? takes : 0
  return { position: Progress.waiting(job) === 0 ? 0 : ahead + 1, wait: Math.round((queue + current) / 1000) }
}

/** The load of the horde: the threads of online workers, and the waiting pictures. */
export const load = (world: World): { readonly threads: number; readonly queue: number } => {
  const threads = onlineWorkers(world).reduce((sum, worker) => sum + worker.threads, 0)
  let queue = 0
  for (const job of world.live.values()) queue += Progress.waiting(job)
  return { threads, queue }
}
