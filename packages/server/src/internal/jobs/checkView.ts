/**
 * The state of a job as replies show it.
 */
import type { Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { World } from "../state/world.js"
import type { JobKind } from "./kind.js"
import * as Progress from "./progress.js"
import * as Queue from "./queue.js"

export const check = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  job: Job<T>
): Readonly<Record<string, unknown>> => {
  const { position, wait } = Queue.estimate(world, kind.poolOf(world), job)
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
    is_possible: Queue.canBeServed(world, kind, job) || Progress.running(job) > 0
  }
}
