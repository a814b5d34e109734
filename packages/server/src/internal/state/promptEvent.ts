/**
 * Evidence of a moderated prompt, for moderators.
 */
import type { User } from "./account.js"

export interface PromptNote {
  readonly id: number
  readonly author: User
  readonly note: string
  readonly createdAt: number
}

export interface PromptEvent {
  readonly id: number
  readonly at: number
  readonly user: User
  readonly reason: "filter_rejection" | "worker_csam"
  readonly outcome: "rejected" | "censored"
  readonly prompt: string
  readonly models: ReadonlyArray<string>
  readonly proxiedAccount: string | undefined
  /** Undefined if a worker reported the prompt. */
  readonly ip: string | undefined
  /** The job and the worker that reported it; undefined for a refused request. */
  readonly requestId: string | undefined
  readonly workerId: string | undefined
  readonly notes: Array<PromptNote>
}
