/**
 * The built-in workers. They take pictures, deliver them and report failures through the same functions as external
 * workers.
 */
import * as JobFaults from "../faults/jobFaults.js"
import type { Attempt } from "../state/job.js"
import type { Routine, Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import * as LifeCycle from "./lifeCycle.js"
import { isOnline } from "./onlineWorkers.js"
import * as Queue from "./queue.js"

/** Delivers a picture or fails it, unless the server has given up on it. */
const finish = (world: World, attempt: Attempt): void => {
  const { job, seed } = attempt
  if (attempt.outcome !== "running" || job.gone) return
  if (JobFaults.apply(world, job, "LoseAttempts")) return
  if (JobFaults.apply(world, job, "FailAttempts")) {
    LifeCycle.fail(attempt)
    return
  }
  const censored = JobFaults.apply(world, job, "Censor")
  const metadata = censored ? [{ type: "censorship", value: "csam" }] : []
  LifeCycle.deliver(world, attempt, { seed, censored, metadata, source: { _tag: "Painted" } })
}

const poll = (world: World, worker: Worker, routine: Routine): void => {
  const [attempt] = Queue.pop(world, worker, 1)
  routine.engaged = attempt !== undefined
  if (attempt === undefined) return
  world.schedule(world.now + worker.takes, () => {
    finish(world, attempt)
    poll(world, worker, routine)
    wake(world)
  })
}

/** Schedules a poll of every idle worker. */
export const wake = (world: World): void => {
  for (const worker of world.workers) {
    const { routine } = worker
    if (routine === undefined || routine.engaged || !routine.takesJobs || !isOnline(world, worker)) continue
    routine.engaged = true
    world.schedule(world.now + routine.startsAfter, () => poll(world, worker, routine))
  }
}
