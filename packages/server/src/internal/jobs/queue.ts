/**
 * The queue: which job is next for which worker, and how long a job will have to wait. The server's own workers and
 * those of others stand at the same counter.
 */

import * as Rules from "../faults/rules.js"
import type { World } from "../state/world.js"
import * as Job from "./lifeCycle.js"
import * as Worker from "./workers.js"

/** Whether some online worker could take the job. */
export const servable = (world: World, job: Job.Job): boolean =>
  !Rules.inTrouble(world, job, "Impossible") &&
  Worker.online(world).some((worker) => Worker.obstacles(job, worker).length === 0)

/** How soon a job comes to be served: the balance at its start, and what it has gained by waiting. */
const urgency = (world: World, job: Job.Job): number =>
  job.priority + 50 * Math.floor((world.now - job.createdAt) / 10_000)

const isOpen = (job: Job.Job): boolean => job.slots > 0 && !job.faulted

interface Candidate {
  readonly job: Job.Job
  readonly model: string
  readonly preferred: boolean
  readonly urgency: number
}

/** Of equals the older comes first, which is the one that was found first. */
const isBefore = (one: Candidate, other: Candidate): boolean =>
  one.preferred === other.preferred ? one.urgency > other.urgency : one.preferred

const next = (world: World, worker: Worker.Worker): Candidate | undefined => {
  let best: Candidate | undefined
  for (const job of world.live.values()) {
    if (!isOpen(job) || Worker.obstacles(job, worker).length > 0) continue
    const model = Worker.modelFor(job, worker)
    if (model === undefined || Rules.inTrouble(world, job, "Impossible")) continue
    if (Rules.inTrouble(world, job, "Stall")) {
      job.slots = 0
      job.stalled = true
      continue
    }
    const preferred = worker.abilities?.prefers.has(job.owner.username) === true
    const candidate = { job, model, preferred, urgency: urgency(world, job) }
    if (best === undefined || isBefore(candidate, best)) best = candidate
  }
  return best
}

/** How many pictures of a job a worker may take at once. */
const batch = (job: Job.Job, worker: Worker.Worker, amount: number): number => {
  const { disableBatching, height, width, workflow } = job.request
  if (disableBatching || workflow !== undefined) return 1
  const fits = Math.floor((worker.abilities?.maxPixels ?? Number.POSITIVE_INFINITY) / (width * height))
  return Math.max(1, Math.min(amount, job.slots, fits))
}

/** Gives a worker the next pictures that it can do, all of one job; none where there is nothing for it. */
export const pop = (world: World, worker: Worker.Worker, amount: number): ReadonlyArray<Job.Attempt> => {
  const best = next(world, worker)
  if (best === undefined) return []
  const { job, model } = best
  return Array.from({ length: batch(job, worker, amount) }, () => Job.take(world, job, worker, model))
}

/** How many waiting jobs a worker is kept from, and by what; a job counts once for each reason. */
export const skipped = (world: World, worker: Worker.Worker): ReadonlyMap<Worker.Obstacle, number> => {
  const counts = new Map<Worker.Obstacle, number>()
  for (const job of world.live.values()) {
    if (!isOpen(job)) continue
    for (const obstacle of Worker.obstacles(job, worker)) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1)
  }
  return counts
}

export interface Place {
  readonly position: number
  readonly wait: number
}

/** Where a job stands in the queue. For its first second it stands nowhere, as the queue is counted now and then. */
export const place = (world: World, job: Job.Job): Place => {
  if (Job.isDone(job) || world.now - job.createdAt < 1000) return { position: 0, wait: 0 }
  const workers = Worker.online(world)
  const takes = workers.length === 0 ? 0 : workers.reduce((sum, worker) => sum + worker.takes, 0) / workers.length
  let ahead = 0
  let pictures = Job.waiting(job)
  for (const other of world.live.values()) {
    if (other === job || other.faulted || Job.waiting(other) === 0) continue
    if (urgency(world, other) < urgency(world, job)) continue
    if (urgency(world, other) === urgency(world, job) && other.createdAt >= job.createdAt) continue
    ahead++
    pictures += Job.waiting(other)
  }
  const queue = workers.length === 0 ? 0 : (pictures * takes) / workers.length
  const longest = Job.running(job) > 0 ? takes : 0
  return { position: Job.waiting(job) === 0 ? 0 : ahead + 1, wait: Math.round((queue + longest) / 1000) }
}
