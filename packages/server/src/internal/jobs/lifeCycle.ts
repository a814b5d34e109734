/**
 * One image job from its first waiting picture to its last: the rules by which slots are handed out, results and
 * failures counted, and a job called done.
 */

import * as Rules from "../faults/rules.js"
import type { ImageRequest } from "../kinds/image/request.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { SharedKey, User, World } from "../state/world.js"
import * as Kudos from "./kudos.js"
import type { Worker } from "./workers.js"

/** What a worker says about a picture besides its seed. */
export interface Remark {
  readonly type: string
  readonly value: string
  readonly ref?: string
}

/** Where a picture is: painted when somebody asks for it, in the store, or nowhere, with what was sent in its place. */
export type Source =
  | { readonly _tag: "Painted" }
  | { readonly _tag: "Stored" }
  | { readonly _tag: "Unreadable"; readonly text: string }

/** What a worker hands in. */
export interface Delivery {
  readonly seed: number
  readonly censored: boolean
  readonly remarks: ReadonlyArray<Remark>
  readonly source: Source
}

export interface Attempt {
  readonly id: string
  readonly job: Job
  readonly worker: Worker
  readonly model: string
  readonly seed: number
  readonly startedAt: number
  readonly overdueAt: number
  outcome: "running" | "delivered" | "failed"
  delivery: Delivery | undefined
}

/** An attempt that came to a picture. */
export interface Delivered extends Attempt {
  readonly delivery: Delivery
}

export interface Job {
  readonly id: string
  readonly owner: User
  readonly sharedKey: SharedKey | undefined
  readonly request: ImageRequest
  readonly createdAt: number
  readonly priority: number
  readonly attempts: Array<Attempt>
  expiresAt: number
  /** How many pictures the job is held to; a cancel lowers it to what there is. */
  target: number
  /** Pictures that no worker has taken yet. */
  slots: number
  failed: number
  faulted: boolean
  stalled: boolean
  gone: boolean
  consumed: number
  cancelledAt: number | undefined
  cancels: number
  possible: { readonly verdict: boolean; readonly until: number }
}

const lifetime = 20 * 60_000

export const running = (job: Job): number => job.attempts.filter((attempt) => attempt.outcome === "running").length

export const delivered = (job: Job): ReadonlyArray<Delivered> =>
  job.attempts.filter((attempt): attempt is Delivered => attempt.delivery !== undefined)

/** Running attempts are taken off what has ended, so a job with two time-outs is done while its third attempt runs. */
export const isDone = (job: Job): boolean => {
  if (job.faulted) return true
  if (job.stalled) return false
  return job.slots === 0 && delivered(job).length + job.failed - running(job) >= job.target
}

export const isOver = (job: Job): boolean => job.stalled || (isDone(job) && (job.faulted || running(job) === 0))

/** Waiting pictures as replies show them: never so many that the three counts exceed the target. */
export const waiting = (job: Job): number =>
  Math.max(0, Math.min(job.slots, job.target - running(job) - delivered(job).length))

const charge = (job: Job, amount: number): void => {
  job.consumed += amount
  Account.pay(job.owner, amount)
  const key = job.sharedKey
  if (key === undefined || key.kudos === 0) return
  key.utilized = Math.round(key.utilized + amount)
  if (key.kudos !== -1) key.kudos = Math.max(0, Math.round(key.kudos - amount))
}

/** Takes a job into the queue; the fixed tax is due at once. */
export const create = (
  world: World,
  owner: User,
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
  if (Rules.inTrouble(world, job, "Vanish")) job.gone = true
  else world.live.set(job.id, job)
  return job
}

/** The server shifts a seed that has too many bits until it fits into 32. */
const fitted = (seed: bigint): number => {
  let rest = seed
  while (rest >= 2n ** 32n) rest >>= 32n
  return Number(rest)
}

/** Text is a number whose bytes come lowest first, so that what is left of it are its last bytes. */
const ofText = (seed: string): number => {
  const bytes = new TextEncoder().encode(seed)
  const last = bytes.subarray(4 * Math.floor((bytes.length - 1) / 4))
  return last.reduceRight((number, byte) => number * 256 + byte, 0)
}

const seedOf = (world: World, request: ImageRequest, remaining: number): number => {
  if (request.seed === undefined || request.seed === "") return world.integer()
  const digits = Python.decimal(request.seed)
  const base = digits === undefined ? ofText(request.seed) : fitted(BigInt(digits))
  return request.seedVariation === undefined ? base : fitted(BigInt(base + request.seedVariation * remaining))
}

const allowance = (request: ImageRequest): number => {
  const seconds = Math.max(150, 30 + (2 * request.steps * request.width * request.height) / 512 ** 2)
  return 1000 * seconds * (request.controlType === undefined ? 1 : 2) * (Kudos.factor(request.models[0]) >= 8 ? 3 : 1)
}

/** A worker takes one picture of a job. */
export const take = (world: World, job: Job, worker: Worker, model: string): Attempt => {
  job.slots--
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  const seed = seedOf(world, job.request, job.slots)
  const attempt: Attempt = {
    id: world.uuid(),
    job,
    worker,
    model,
    seed,
    startedAt: world.now,
    overdueAt: world.now + allowance(job.request),
    outcome: "running",
    delivery: undefined
  }
  job.attempts.push(attempt)
  return attempt
}

/** Millions of pixels times steps: what the records count work in. */
const work = ({ height, steps, width }: ImageRequest): number => (width * height * steps) / 1_000_000

/** A worker hands in a picture. Returns its reward. */
export const deliver = (world: World, attempt: Attempt, delivery: Delivery): number => {
  const { job, worker } = attempt
  attempt.outcome = "delivered"
  attempt.delivery = delivery
  job.expiresAt = Math.max(job.expiresAt, world.now + lifetime)
  charge(job, delivery.censored ? 1 : Kudos.perPicture(job.request))
  job.owner.records.used += work(job.request)
  const reward = Kudos.reward(job.request)
  if (worker.owner !== undefined) {
    // Half of what those earn who are not trusted stays with the server until they are.
    const held = Account.isTrusted(worker.owner) ? 0 : reward / 2
    worker.owner.held += held
    Account.pay(worker.owner, held - reward)
    worker.owner.records.fulfilled++
    worker.owner.records.contributed += work(job.request)
  }
  return reward
}

/**
 * A worker says that it failed. The picture goes back into the queue only while delivered and earlier failures
 * together fall short of the target: that is how jobs end with fewer pictures than asked for and no word about it.
 */
export const fail = (attempt: Attempt): void => {
  const { job } = attempt
  attempt.outcome = "failed"
  if (delivered(job).length + job.failed < job.target) job.slots++
  job.failed++
}

/** An attempt was not heard of in time; unlike a reported failure it always goes back into the queue. */
const lose = (attempt: Attempt): void => {
  attempt.outcome = "failed"
  attempt.job.slots++
  attempt.job.failed++
}

/** Stops handing out pictures. What workers hold already is not called back. */
export const cancel = (world: World, job: Job): void => {
  if (!isOver(job) && job.cancelledAt === undefined) job.cancelledAt = world.now
  job.cancels++
  job.slots = 0
  job.target = delivered(job).length
}

/** What the real server does once a minute: forget the old, give up on the overdue, fault what failed too often. */
export const sweep = (world: World): void => {
  for (const job of world.live.values()) {
    if (job.expiresAt <= world.now) {
      world.forget(job)
      continue
    }
    for (const attempt of job.attempts) {
      if (attempt.outcome === "running" && attempt.overdueAt <= world.now) lose(attempt)
    }
    if (job.failed >= 3) job.faulted = true
  }
}

export type State = "waiting" | "processing" | "finished" | "cancelled" | "short" | "faulted" | "expired"

/** How a job stands, for the server's own record. */
export const state = (job: Job): State => {
  if (job.cancelledAt !== undefined) return "cancelled"
  if (job.faulted) return "faulted"
  if (delivered(job).length >= job.request.n) return "finished"
  if (isOver(job)) return "short"
  if (job.gone) return "expired"
  return running(job) > 0 ? "processing" : "waiting"
}
