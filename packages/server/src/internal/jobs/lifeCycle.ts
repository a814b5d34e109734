/**
 * The life cycle of an image job: create it, assign its pictures to workers, record results and failures, cancel it, and
 * fail it.
 */
import * as JobFaults from "../faults/jobFaults.js"
import * as Account from "../state/account.js"
import type { ImageRequest } from "../state/imageRequest.js"
import type { Attempt, Delivery, Job } from "../state/job.js"
import type { SharedKey } from "../state/sharedKey.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import * as Kudos from "./kudos.js"
import * as Progress from "./progress.js"
import { seedFor } from "./seeds.js"

/** How long the server keeps a request after the last progress. */
export const lifetime = 20 * 60_000

const charge = (job: Job, amount: number): void => {
  job.consumed += amount
  Account.pay(job.owner, amount)
  const key = job.sharedKey
  if (key === undefined || key.kudos === 0) return
  key.utilized = Math.round(key.utilized + amount)
  if (key.kudos !== -1) key.kudos = Math.max(0, Math.round(key.kudos - amount))
}

/** Adds a job to the queue, and charges the fixed tax. */
export const create = (
  world: World,
  owner: Account.User,
  sharedKey: SharedKey | undefined,
  request: ImageRequest,
  downgraded: boolean
): Job => {
  const job: Job = {
    id: world.uuid(),
    owner,
    sharedKey,
    request,
    createdAt: world.now,
    priority: owner.kudos - (downgraded ? 50 : 0),
    attempts: [],
    expiresAt: world.now + lifetime,
    target: request.n,
    slots: request.n,
    failed: 0,
    faulted: false,
    stalled: false,
    gone: false,
    consumed: 0,
    cancelledAt: undefined,
    cancels: 0,
    possible: { verdict: false, until: 0 }
  }
  charge(job, Kudos.tax(request))
  owner.records.requests++
  world.jobs.set(job.id, job)
  if (JobFaults.apply(world, job, "Vanish")) job.gone = true
  else world.live.set(job.id, job)
  return job
}

/** The milliseconds that a worker has for one picture. */
const timeLimit = (request: ImageRequest): number => {
  const seconds = Math.max(150, 30 + (2 * request.steps * request.width * request.height) / 512 ** 2)
  return 1000 * seconds * (request.controlType === undefined ? 1 : 2) * (Kudos.factor(request.models[0]) >= 8 ? 3 : 1)
}

/** Assigns one picture of a job to a worker. */
export const assign = (world: World, job: Job, worker: Worker, model: string): Attempt => {
  job.slots--
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  const seed = seedFor(world, job.request, job.slots)
  const attempt: Attempt = {
    id: world.uuid(),
    job,
    worker,
    model,
    seed,
    startedAt: world.now,
    overdueAt: world.now + timeLimit(job.request),
    outcome: "running",
    delivery: undefined
  }
  job.attempts.push(attempt)
  return attempt
}

/** Millions of pixels times steps: the unit of work in account statistics. */
const megapixelSteps = ({ height, steps, width }: ImageRequest): number => (width * height * steps) / 1_000_000

const rewardOwner = (owner: Account.User, request: ImageRequest, reward: number): void => {
  // Half of the reward is withheld from owners that are not trusted.
  const held = Account.isTrusted(owner) ? 0 : reward / 2
  owner.held += held
  Account.pay(owner, held - reward)
  owner.records.fulfilled++
  owner.records.contributed += megapixelSteps(request)
}

/** Records a worker's result, and charges for it. Returns the worker's reward. */
export const deliver = (world: World, attempt: Attempt, delivery: Delivery): number => {
  const { job, worker } = attempt
  attempt.outcome = "delivered"
  attempt.delivery = delivery
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  charge(job, delivery.censored ? 1 : Kudos.perPicture(job.request))
  job.owner.records.used += megapixelSteps(job.request)
  const reward = Kudos.reward(job.request)
  if (worker.owner !== undefined) rewardOwner(worker.owner, job.request, reward)
  return reward
}

/**
 * Records a failure that a worker reported. The picture returns to the queue only while delivered and previously failed
 * attempts together are below the target. This is how a job can end with fewer pictures than requested, without an
 * error.
 */
export const fail = (attempt: Attempt): void => {
  const { job } = attempt
  attempt.outcome = "failed"
  if (Progress.delivered(job).length + job.failed < job.target) job.slots++
  job.failed++
}

/** Fails an overdue attempt. Unlike after a reported failure, the picture always returns to the queue. */
const timeOut = (attempt: Attempt): void => {
  attempt.outcome = "failed"
  attempt.job.slots++
  attempt.job.failed++
}

/** Cancels a job: no more pictures are assigned. Running attempts continue. */
export const cancel = (world: World, job: Job): void => {
  if (!Progress.isOver(job) && job.cancelledAt === undefined) job.cancelledAt = world.now
  job.cancels++
  job.slots = 0
  job.target = Progress.delivered(job).length
}

/** Forgets expired jobs, fails overdue attempts, and faults jobs with three failures. */
export const sweep = (world: World): void => {
  for (const job of world.live.values()) {
    if (job.expiresAt <= world.now) {
      world.forget(job)
      continue
    }
    for (const attempt of job.attempts) {
      if (attempt.outcome === "running" && attempt.overdueAt <= world.now) timeOut(attempt)
    }
    if (job.failed >= 3) job.faulted = true
  }
}
