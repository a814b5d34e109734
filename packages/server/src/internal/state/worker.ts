/**
 * A worker as the server knows it, built-in or external. It serves one kind of jobs.
 */
import type { User } from "./account.js"
import type { Types } from "./kind.js"

/** The schedule of a built-in worker. */
export interface Routine {
  readonly takesJobs: boolean
  /** Milliseconds until an idle worker polls the queue after new work arrived. */
  readonly startsAfter: number
  readonly poll: () => void
  /** Whether a poll is scheduled or a generation is in progress; then no other poll is scheduled. */
  engaged: boolean
}

export interface Worker<T extends Types = Types> {
  readonly id: string
  readonly name: string
  /** Undefined for a built-in worker without an account. */
  readonly owner: User | undefined
  models: ReadonlyArray<string>
  threads: number
  /** Milliseconds per generation: configured for built-in workers, measured for external ones. */
  takes: number
  readonly registeredAt: number
  /** When its capabilities were last updated. */
  updatedAt: number
  onlineUntil: number
  /** Undefined for built-in workers, which can do anything. */
  abilities: T["abilities"] | undefined
  /** Undefined for external workers, which poll by themselves. */
  readonly routine: Routine | undefined
}
