/**
 * The life cycle of a job: create it, assign its generations to workers, record results and failures, cancel it, and
 * fail it.
 */
import * as JobFaults from "../faults/jobFaults.js"
import * as Account from "../state/account.js"
import type { Attempt, Delivery, Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Paid } from "../state/payer.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import type { JobKind, Settlement } from "./kind.js"
import * as Progress from "./progress.js"
import { reportAbuse } from "./promptModeration.js"

/** How long the server keeps a request after the last progress. */
export const lifetime = 20 * 60_000

const charge = (job: Job, amount: number): void => {
  job.consumed += amount
  Account.pay(job.owner, amount * job.owner.usageMultiplier)
  const key = job.sharedKey
  if (key === undefined || key.kudos === 0) return
  key.utilized = Math.round(key.utilized + amount)
  if (key.kudos !== -1) key.kudos = Math.max(0, Math.round(key.kudos - amount))
}

/** Adds a job to the queue, and charges the fixed tax. */
export const create = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  { downgraded, received, request, sharedKey, style, user: owner }: Paid<T>
): Job<T> => {
  const job: Job<T> = {
    id: world.uuid(),
    kind: kind.name,
    owner,
    sharedKey,
    request,
    received,
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
  charge(job, kind.prices.tax(request, style !== undefined && style.owner !== owner))
  owner.lastActive = world.now
  owner.records[kind.name].requests++
  const pool = kind.poolOf(world)
  world.jobs.push(job)
  pool.jobs.set(job.id, job)
  if (JobFaults.apply(world, job, "Vanish")) job.gone = true
  else pool.live.set(job.id, job)
  return job
}

/** Assigns one generation of a job to a worker. */
export const assign = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  job: Job<T>,
  worker: Worker<T>,
  model: string
): Attempt<T> => {
  job.slots--
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  const seed = kind.seed(world, job.request, job.slots)
  const attempt: Attempt<T> = {
    id: world.uuid(),
    job,
    worker,
    model,
    seed,
    startedAt: world.now,
    overdueAt: world.now + kind.timeLimit(job.request),
    outcome: "running",
    delivery: undefined
  }
  job.attempts.push(attempt)
  return attempt
}

const rewardOwner = (owner: Account.User, job: Job, { contributed, reward }: Settlement): void => {
  // Half of the reward is withheld from owners that are not trusted.
  const held = Account.isTrusted(owner) ? 0 : reward / 2
  owner.held += held
  Account.pay(owner, held - reward)
  owner.records[job.kind].fulfilled++
  owner.records[job.kind].contributed += contributed
}

/** Counts a delivery in the totals of the worker and its team, and in the statistics of the horde. */
const count = (world: World, { job, model, startedAt, worker }: Attempt, settlement: Settlement): void => {
  const { contributed, reward } = settlement
  worker.totals.fulfilled++
  worker.totals.contributed += contributed
  worker.totals.kudos += reward
  worker.totals.busy += world.now - startedAt
  const team = worker.controls.team?.totals
  if (team !== undefined) {
    team.fulfilled++
    team.kudos += reward
  }
  world.production.push({ at: world.now, kind: job.kind, model, amount: contributed, took: world.now - startedAt })
}

/** Records a worker's result, and charges for it. Returns the worker's reward. */
export const deliver = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  attempt: Attempt<T>,
  delivery: Delivery<T>
): number => {
  const { job, worker } = attempt
  attempt.outcome = "delivered"
  attempt.delivery = delivery
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  const settlement = kind.settle(attempt, delivery)
  charge(job, settlement.price)
  job.owner.records[job.kind].used += settlement.used
  count(world, attempt, settlement)
  if (delivery.metadata.some(({ type, value }) => type === "censorship" && value === "csam")) {
    reportAbuse(world, attempt)
  }
  if (worker.owner !== undefined) rewardOwner(worker.owner, job, settlement)
  return settlement.reward
}

/** Records a failure that a worker reported. */
export const fail = <T extends Types>(kind: JobKind<T>, attempt: Attempt<T>): void => {
  const { job } = attempt
  attempt.outcome = "failed"
  attempt.worker.totals.aborted++
  if (kind.retries(job)) job.slots++
  job.failed++
}

/** Fails an overdue attempt. Unlike after a reported failure, the generation always returns to the queue. */
const timeOut = (attempt: Attempt): void => {
  attempt.outcome = "failed"
  attempt.worker.totals.aborted++
  attempt.job.slots++
  attempt.job.failed++
}

/** Cancels a job: no more generations are assigned. Running attempts continue. */
export const cancel = <T extends Types>(world: World, kind: JobKind<T>, job: Job<T>): void => {
  if (!Progress.isOver(job) && job.cancelledAt === undefined) job.cancelledAt = world.now
  job.cancels++
  job.slots = 0
  job.target = kind.cancelledTarget(job)
}

/** Stops a job because the horde goes into maintenance. Its target is not lowered, so it is never done. */
export const stopForMaintenance = (job: Job): void => {
  job.slots = 0
}

/** Forgets expired jobs, fails overdue attempts, and faults jobs with three failures. */
export const sweep = (world: World): void => {
  for (const job of world.live) {
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
