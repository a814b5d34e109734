/**
 * An image job and the attempts of workers at its pictures, as plain data. The rules are in `jobs/`.
 */
import type { User } from "./account.js"
import type { ImageRequest } from "./imageRequest.js"
import type { SharedKey } from "./sharedKey.js"
import type { Worker } from "./worker.js"

/** A worker's note about a generation: a failed download, censorship and the like. */
export interface GenerationMetadata {
  readonly type: string
  readonly value: string
  readonly ref?: string
}

/**
 * The source of a picture's bytes: rendered on demand, the store, or none (the worker submitted an undecodable `text`).
 */
export type Source =
  | { readonly _tag: "Painted" }
  | { readonly _tag: "Stored" }
  | { readonly _tag: "Unreadable"; readonly text: string }

/** A result that a worker submitted. */
export interface Delivery {
  readonly seed: number
  readonly censored: boolean
  readonly metadata: ReadonlyArray<GenerationMetadata>
  readonly source: Source
}

/** An attempt of one worker at one picture. */
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

/** An attempt with a result. */
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
  /** The number of pictures that complete the job; a cancel lowers it to the number delivered. */
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
  /** Whether an online worker can serve the job, cached. */
  possible: { readonly verdict: boolean; readonly until: number }
}
