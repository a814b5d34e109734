/**
 * Workers, and the part of the queue that faces them. The built-in worker pops, delivers and reports failures through
 * the same functions that a worker outside would.
 */
import * as Job from "./job.js"
import * as Rules from "./rules.js"
import type { World } from "./world.js"

export interface Worker {
  readonly id: string
  readonly name: string
  readonly models: ReadonlyArray<string>
  readonly online: boolean
  readonly takesJobs: boolean
  /** Milliseconds for one picture. */
  readonly takes: number
  /** Milliseconds until an idle worker notices that there is work. */
  readonly startsAfter: number
  /** Idle workers look once; neither a look that is already due nor a picture in work calls for another. */
  engaged: boolean
}

const served = (job: Job.Job, worker: Worker): string | undefined => {
  const { models, workerBlacklist, workers } = job.request
  if (workers.length > 0 && workers.slice(0, 5).includes(worker.id) === workerBlacklist) return undefined
  return models.length === 0 ? worker.models[0] : models.find((model) => worker.models.includes(model))
}

/** Whether some online worker could take the job. */
export const servable = (world: World, job: Job.Job): boolean =>
  !Rules.inTrouble(world, job, "Impossible") &&
  world.workers.some((worker) => worker.online && served(job, worker) !== undefined)

/** How soon a job comes to be served: the balance at its start, and what it has gained by waiting. */
export const urgency = (world: World, job: Job.Job): number =>
  job.priority + 50 * Math.floor((world.now - job.createdAt) / 10_000)

/** Gives a worker the next picture it can do, if there is one. */
export const pop = (world: World, worker: Worker): Job.Attempt | undefined => {
  let best: { readonly job: Job.Job; readonly model: string; readonly urgency: number } | undefined
  for (const job of world.live.values()) {
    if (job.slots === 0 || job.faulted) continue
    const model = served(job, worker)
    if (model === undefined || Rules.inTrouble(world, job, "Impossible")) continue
    if (Rules.inTrouble(world, job, "Stall")) {
      job.slots = 0
      job.stalled = true
      continue
    }
    const candidate = { job, model, urgency: urgency(world, job) }
    if (best === undefined || candidate.urgency > best.urgency) best = candidate
  }
  return best === undefined ? undefined : Job.take(world, best.job, worker, best.model)
}

/** What the built-in worker does with a picture when its time is up, unless the picture was given up meanwhile. */
const conclude = (world: World, attempt: Job.Attempt): void => {
  const { job } = attempt
  if (attempt.outcome !== "running" || job.gone) return
  if (Rules.inTrouble(world, job, "LoseAttempts")) return
  if (Rules.inTrouble(world, job, "FailAttempts")) Job.fail(attempt)
  else Job.deliver(world, attempt, attempt.seed, Rules.inTrouble(world, job, "Censor"))
}

const look = (world: World, worker: Worker): void => {
  const attempt = pop(world, worker)
  worker.engaged = attempt !== undefined
  if (attempt === undefined) return
  world.schedule(world.now + worker.takes, () => {
    conclude(world, attempt)
    look(world, worker)
    wake(world)
  })
}

/** Tells idle workers that there may be work. */
export const wake = (world: World): void => {
  for (const worker of world.workers) {
    if (worker.engaged || !worker.online || !worker.takesJobs) continue
    worker.engaged = true
    world.schedule(world.now + worker.startsAfter, () => look(world, worker))
  }
}
