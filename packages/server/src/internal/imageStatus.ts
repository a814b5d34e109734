/**
 * How an image job stands: check, status and cancel.
 */
import { encodeBase64 } from "effect/Encoding"
import type { RouteContext } from "./context.js"
import * as Job from "./job.js"
import * as Mask from "./mask.js"
import * as Pictures from "./pictures.js"
import { type Answer, json, refuse } from "./reply.js"
import * as Rules from "./rules.js"
import * as Worker from "./worker.js"
import type { World } from "./world.js"

const find = (context: RouteContext): Job.Job => {
  return context.world.findJob(context.params["id"] ?? "") ?? refuse(404, "RequestNotFound", "There is no such request")
}

/** The verdict about the workers is kept for a minute; a job that is being worked on is possible, whatever it says. */
const isPossible = (world: World, job: Job.Job): boolean => {
  if (job.possible.until <= world.now) {
    job.possible = { verdict: Worker.servable(world, job), until: world.now + 60_000 }
  }
  return job.possible.verdict || Job.running(job) > 0
}

interface Place {
  readonly position: number
  readonly wait: number
}

/** Where the job stands in the queue. For its first second it stands nowhere, as the queue is counted now and then. */
const place = (world: World, job: Job.Job): Place => {
  if (Job.isDone(job) || world.now - job.createdAt < 1000) return { position: 0, wait: 0 }
  const workers = world.workers.filter((worker) => worker.online)
  const takes = workers.length === 0 ? 0 : workers.reduce((sum, worker) => sum + worker.takes, 0) / workers.length
  let ahead = 0
  let pictures = Job.waiting(job)
  for (const other of world.live.values()) {
    if (other === job || other.faulted || Job.waiting(other) === 0) continue
    if (Worker.urgency(world, other) < Worker.urgency(world, job)) continue
    if (Worker.urgency(world, other) === Worker.urgency(world, job) && other.createdAt >= job.createdAt) continue
    ahead++
    pictures += Job.waiting(other)
  }
  const queue = workers.length === 0 ? 0 : (pictures * takes) / workers.length
  const longest = Job.running(job) > 0 ? takes : 0
  return { position: Job.waiting(job) === 0 ? 0 : ahead + 1, wait: Math.round((queue + longest) / 1000) }
}

const counts = (world: World, job: Job.Job): Readonly<Record<string, unknown>> => {
  const { position, wait } = place(world, job)
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

const image = (world: World, attempt: Job.Attempt): string => {
  const { job } = attempt
  if (Rules.inTrouble(world, job, "UnavailableImage")) return "N/A"
  const broken = Rules.inTrouble(world, job, "BrokenImage")
  if (!job.request.r2) return broken ? "this is not base64 %%%" : encodeBase64(Pictures.ofAttempt(world, attempt))
  return Pictures.link(world, attempt, Rules.inTrouble(world, job, "ExpiredLink"))
}

const status = (world: World, job: Job.Job): Readonly<Record<string, unknown>> => ({
  generations: Job.delivered(job).map((attempt) => ({
    img: image(world, attempt),
    seed: String(attempt.deliveredSeed),
    id: attempt.id,
    censored: attempt.censored,
    gen_metadata: attempt.censored ? [{ type: "censorship", value: "csam" }] : [],
    worker_id: attempt.workerId,
    worker_name: attempt.workerName,
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
