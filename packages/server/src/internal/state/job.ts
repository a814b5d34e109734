/**
 * A job and the attempts of workers at its generations, as plain data. The rules are in `jobs/`.
 */
import type { User } from "./account.js"
import type { KindName, Types } from "./kind.js"
import type { SharedKey } from "./sharedKey.js"
import type { Worker } from "./worker.js"

/** A worker's note about a generation: a failed download, censorship and the like. */
export interface GenerationMetadata {
  readonly type: string
  readonly value: string
  readonly ref?: string
}

/** A result that a worker submitted. */
export interface Delivery<T extends Types = Types> {
  readonly seed: number
  readonly censored: boolean
  readonly metadata: ReadonlyArray<GenerationMetadata>
  readonly result: T["result"]
}

/** An attempt of one worker at one generation. */
export interface Attempt<T extends Types = Types> {
  readonly id: string
  readonly job: Job<T>
  readonly worker: Worker<T>
  readonly model: string
  /** The part of the job that it is for: its index in the request, or 0 if all parts are alike. */
  readonly part: number
  readonly seed: number
  readonly startedAt: number
  readonly overdueAt: number
  outcome: "running" | "delivered" | "failed" | "cancelled"
  delivery: Delivery<T> | undefined
}

/** An attempt with a result. */
export interface Delivered<T extends Types = Types> extends Attempt<T> {
  readonly delivery: Delivery<T>
}

export interface Job<T extends Types = Types> {
  readonly id: string
  readonly kind: KindName
  readonly owner: User
  readonly sharedKey: SharedKey | undefined
  readonly request: T["request"]
  /** The request before its style was applied. */
  readonly received: T["request"]
  readonly createdAt: number
  readonly priority: number
  readonly attempts: Array<Attempt<T>>
  /** The parts of the job, the part that was changed last at the end. */
  parts: ReadonlyArray<number>
  expiresAt: number
  /** The number of generations that complete the job; a cancel may lower it to the number delivered. */
  target: number
  /** Generations that no worker has taken yet. */
  slots: number
  failed: number
  faulted: boolean
  stalled: boolean
  gone: boolean
  consumed: number
  cancelledAt: number | undefined
  cancels: number
  /** Whether an online worker can serve the job, cached. */
  possible: { readonly verdict: boolean; readonly until: number }
}
