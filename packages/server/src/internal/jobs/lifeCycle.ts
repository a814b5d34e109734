/**
 * The life cycle of a job: create it, assign its generations to workers, record results and failures, cancel it, and
 * fail it.
 */
import * as JobFaults from "../faults/jobFaults.js"
import * as Account from "../state/account.js"
import type { Attempt, Delivery, Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Paid } from "../state/payer.js"
import type { Pool } from "../state/pool.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import type { JobKind, Settlement } from "./kind.js"
import * as Progress from "./progress.js"
import { reportAbuse } from "./promptModeration.js"

/** How long the server keeps a request after the last progress. */
export const lifetime = 20 * 60_000

/** The same after a worker that declares to be extra slow has taken a generation. */
const extraSlowLifetime = 60 * 60_000

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
    parts: Array.from({ length: kind.parts(request) }, (_, part) => part),
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

/** Moves a part behind the others. */
const touch = ({ job, part }: Attempt): void => {
  job.parts = [...job.parts.filter((other) => other !== part), part]
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
  const kept = worker.abilities?.extraSlow === true ? extraSlowLifetime : lifetime
  job.expiresAt = Math.max(job.expiresAt, world.now + kept)
  const seed = kind.seed(world, job.request, job.slots)
  const { id, part } = kind.next(world, job, worker)
  const attempt: Attempt<T> = {
    id,
    job,
    worker,
    model,
    part,
    seed,
    startedAt: world.now,
    overdueAt: world.now + kind.timeLimit(job.request, worker),
    outcome: "running",
    delivery: undefined
  }
  job.attempts.push(attempt)
  touch(attempt)
  return attempt
}

const rewardOwner = (owner: Account.User, job: Job, { contributed, credited }: Settlement): void => {
  // Half of the reward is withheld from owners that are not trusted.
  const held = Account.isTrusted(owner) ? 0 : credited / 2
  owner.held += held
  Account.pay(owner, held - credited)
  owner.records[job.kind].fulfilled++
  owner.records[job.kind].contributed += contributed
}

/** Counts a settled generation in the totals of the worker and its team, and in the statistics of the horde. */
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

/** Charges for a generation, counts it, and rewards the owner of the worker. */
const pay = (world: World, attempt: Attempt, settlement: Settlement): void => {
  const { job, worker } = attempt
  charge(job, settlement.price)
  job.owner.records[job.kind].used += settlement.used
  count(world, attempt, settlement)
  if (worker.owner !== undefined) rewardOwner(worker.owner, job, settlement)
}

/** Records a worker's result, and charges for it. Returns the worker's reward. */
export const deliver = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  attempt: Attempt<T>,
  delivery: Delivery<T>
): number => {
  const { job } = attempt
  attempt.outcome = "delivered"
  attempt.delivery = delivery
  touch(attempt)
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  const settlement = kind.settle(attempt, delivery)
  pay(world, attempt, settlement)
  if (delivery.metadata.some(({ type, value }) => type === "censorship" && value === "csam")) {
    reportAbuse(world, attempt)
  }
  return settlement.reward
}

/** Returns a generation to the queue, unless its part of the job has failed too often. */
const putBack = <T extends Types>({ maxFailures }: Pool<T>, { job, part }: Attempt<T>): void => {
  const isLost = (part: number): boolean => Progress.failures(job, part) >= maxFailures.part
  if (!isLost(part)) job.slots++
  else if (job.parts.every(isLost)) job.faulted = true
}

/** Records a failure that a worker reported. */
export const fail = <T extends Types>(world: World, kind: JobKind<T>, attempt: Attempt<T>): void => {
  const { job } = attempt
  attempt.outcome = "failed"
  attempt.worker.totals.aborted++
  if (kind.retries(job)) putBack(kind.poolOf(world), attempt)
  job.failed++
  touch(attempt)
}

/** Fails an overdue attempt. Unlike after a reported failure, the generation returns to the queue in every kind. */
const timeOut = (pool: Pool, attempt: Attempt): void => {
  attempt.outcome = "failed"
  attempt.worker.totals.aborted++
  putBack(pool, attempt)
  attempt.job.failed++
  touch(attempt)
}

/** Ends the running attempts, whose workers are paid all the same. */
const cancelRunning = <T extends Types>(
  world: World,
  job: Job<T>,
  settle: (attempt: Attempt<T>) => Settlement
): void => {
  for (const attempt of job.attempts) {
    if (attempt.outcome !== "running") continue
    attempt.outcome = "cancelled"
    pay(world, attempt, settle(attempt))
  }
}

/** Cancels a job: no more generations are assigned. Running attempts continue in most kinds. */
export const cancel = <T extends Types>(world: World, kind: JobKind<T>, job: Job<T>): void => {
  const { part: maxFailures } = kind.poolOf(world).maxFailures
  const endsNow = (part: number): boolean =>
    !Progress.isDelivered(job, part) && Progress.failures(job, part) < maxFailures
  if (!Progress.isOver(job) && job.cancelledAt === undefined) job.cancelledAt = world.now
  if (kind.settleCancelled !== undefined) cancelRunning(world, job, kind.settleCancelled)
  if (job.cancels === 0) job.parts = [...job.parts].sort((a, b) => Number(endsNow(a)) - Number(endsNow(b)))
  job.cancels++
  job.slots = 0
  job.target = kind.cancelledTarget(job)
}

/** Stops a job because the horde goes into maintenance. Its target is not lowered, so it is never done. */
export const stopForMaintenance = (job: Job): void => {
  job.slots = 0
}

const failOverdue = (world: World, pool: Pool, job: Job): void => {
  for (const attempt of job.attempts) {
    if (attempt.outcome === "running" && attempt.overdueAt <= world.now) timeOut(pool, attempt)
  }
  if (job.failed >= pool.maxFailures.job) job.faulted = true
}

/** Forgets expired jobs, fails overdue attempts, and faults jobs with too many failures. */
export const sweep = (world: World): void => {
  for (const pool of world.pools) {
    for (const job of [...pool.live.values()]) {
      if (job.expiresAt <= world.now) world.forget(job)
      else failOverdue(world, pool, job)
    }
  }
}
