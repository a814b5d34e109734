/**
 * How an image job stands: check, status and cancel.
 */
import type { RouteContext } from "../http/context.js"
import * as Mask from "../http/fieldMask.js"
import { type Answer, json, refuse } from "../http/reply.js"
import * as Job from "../jobs/lifeCycle.js"
import * as Queue from "../jobs/queue.js"
import * as Pictures from "../kinds/image/pictures.js"
import type { World } from "../state/world.js"

export const find = (context: RouteContext): Job.Job => {
  return context.world.findJob(context.params["id"] ?? "") ?? refuse(404, "RequestNotFound", "There is no such request")
}

/** The verdict about the workers is kept for a minute; a job that is being worked on is possible, whatever it says. */
const isPossible = (world: World, job: Job.Job): boolean => {
  if (job.possible.until <= world.now) {
    job.possible = { verdict: Queue.servable(world, job), until: world.now + 60_000 }
  }
  return job.possible.verdict || Job.running(job) > 0
}

const counts = (world: World, job: Job.Job): Readonly<Record<string, unknown>> => {
  const { position, wait } = Queue.place(world, job)
  return {
    finished: Job.delivered(job).length,
    processing: Job.running(job),
    restarted: job.failed,
    waiting: Job.waiting(job),
    done: Job.isDone(job),
    faulted: job.faulted,
    wait_time: wait,
    queue_position: position,
    kudos: Math.round(job.consumed),
    is_possible: isPossible(world, job)
  }
}

const status = (world: World, job: Job.Job): Readonly<Record<string, unknown>> => ({
  generations: Job.delivered(job).map((attempt) => ({
    img: Pictures.image(world, attempt),
    seed: String(attempt.delivery.seed),
    id: attempt.id,
    censored: attempt.delivery.censored,
    gen_metadata: attempt.delivery.remarks,
    worker_id: attempt.worker.id,
    worker_name: attempt.worker.name,
    model: attempt.model,
    state: "ok"
  })),
  shared: false,
  ...counts(world, job)
})

const mask = (context: RouteContext, body: unknown): Answer =>
  json(200, Mask.apply(context.incoming.headers["x-fields"], body))

export const check = (context: RouteContext): Answer => mask(context, counts(context.world, find(context)))

export const get = (context: RouteContext): Answer => mask(context, status(context.world, find(context)))

/** The reply shows the job as it stood before. */
export const cancel = (context: RouteContext): Answer => {
  const job = find(context)
  const reply = mask(context, status(context.world, job))
  Job.cancel(context.world, job)
  return reply
}
