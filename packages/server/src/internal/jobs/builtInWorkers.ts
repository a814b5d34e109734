/**
 * The server's own workers. They take pictures, hand them in and report failures through the same functions as a worker
 * that comes in over HTTP.
 */

import * as Rules from "../faults/rules.js"
import type { World } from "../state/world.js"
import * as Job from "./lifeCycle.js"
import * as Queue from "./queue.js"
import * as Worker from "./workers.js"

/** What one does with a picture when its time is up, unless the picture was given up meanwhile. */
const conclude = (world: World, attempt: Job.Attempt): void => {
  const { job, seed } = attempt
  if (attempt.outcome !== "running" || job.gone) return
  if (Rules.inTrouble(world, job, "LoseAttempts")) return
  if (Rules.inTrouble(world, job, "FailAttempts")) {
    Job.fail(attempt)
    return
  }
  const censored = Rules.inTrouble(world, job, "Censor")
  const remarks = censored ? [{ type: "censorship", value: "csam" }] : []
  Job.deliver(world, attempt, { seed, censored, remarks, source: { _tag: "Painted" } })
}

const look = (world: World, worker: Worker.Worker, routine: Worker.Routine): void => {
  const [attempt] = Queue.pop(world, worker, 1)
  routine.engaged = attempt !== undefined
  if (attempt === undefined) return
  world.schedule(world.now + worker.takes, () => {
    conclude(world, attempt)
    look(world, worker, routine)
    wake(world)
  })
}

/** Tells idle workers that there may be work. */
export const wake = (world: World): void => {
  for (const worker of world.workers) {
    const { routine } = worker
    if (routine === undefined || routine.engaged || !routine.takesJobs || !Worker.isOnline(world, worker)) continue
    routine.engaged = true
    world.schedule(world.now + routine.startsAfter, () => look(world, worker, routine))
  }
}
