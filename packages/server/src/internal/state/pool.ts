/**
 * The jobs of one kind, and the workers that serve them. A job can only be found in the pool of its kind.
 */
import * as Python from "../python/values.js"
import type { User } from "./account.js"
import { Cache } from "./cache.js"
import type { Job } from "./job.js"
import type { Types } from "./kind.js"
import type { Worker } from "./worker.js"

/** A request that was refused after the server had stored it; its generations count as waiting until it expires. */
export interface RefusedRequest {
  readonly owner: User
  readonly models: ReadonlyArray<string>
  readonly n: number
  readonly expiresAt: number
}

/** The failures after which no worker gets a job, or a part of it, again. */
interface MaxFailures {
  readonly job: number
  readonly part: number
}

export interface Pool<T extends Types = Types> {
  /** Every job ever accepted, in order, forgotten ones included. */
  readonly jobs: Map<string, Job<T>>
  /** The jobs that the server has not forgotten, oldest first. */
  readonly live: Map<string, Job<T>>
  readonly workers: Array<Worker<T>>
  readonly prices: Cache<number>
  readonly maxFailures: MaxFailures
  refusedRequests: Array<RefusedRequest>
}

export const make = <T extends Types>(maxFailures: MaxFailures): Pool<T> => ({
  jobs: new Map(),
  live: new Map(),
  workers: [],
  prices: new Cache(),
  maxFailures,
  refusedRequests: []
})

/** A job by its id in any form that Python reads. */
export const find = <T extends Types>(pool: Pool<T>, id: string): Job<T> | undefined =>
  pool.live.get(Python.uuid(id) ?? "")
