/**
 * The bodies of the check and status replies.
 */
import * as Progress from "../../jobs/progress.js"
import * as Queue from "../../jobs/queue.js"
import type { Job } from "../../state/job.js"
import type { World } from "../../state/world.js"
import * as Pictures from "./pictures.js"

type Body = Readonly<Record<string, unknown>>

export const check = (world: World, job: Job): Body => {
  const { position, wait } = Queue.estimate(world, job)
  return {
    finished: Progress.delivered(job).length,
    processing: Progress.running(job),
    restarted: job.failed,
    waiting: Progress.waiting(job),
    done: Progress.isDone(job),
    faulted: job.faulted,
    wait_time: wait,
    queue_position: position,
    kudos: Math.round(job.consumed),
    // A job that a worker has taken is possible, even if that worker has gone offline.
    is_possible: Queue.canBeServed(world, job) || Progress.running(job) > 0
  }
}

export const status = (world: World, job: Job): Body => ({
  generations: Progress.delivered(job).map((attempt) => ({
    img: Pictures.imageField(world, attempt),
    seed: String(attempt.delivery.seed),
    id: attempt.id,
    censored: attempt.delivery.censored,
    gen_metadata: attempt.delivery.metadata,
    worker_id: attempt.worker.id,
    worker_name: attempt.worker.name,
    model: attempt.model,
    state: "ok"
  })),
  shared: false,
  ...check(world, job)
})
