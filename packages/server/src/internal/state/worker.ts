/**
 * A worker as the server knows it, built-in or external.
 */
import type { User } from "./account.js"

/** The capabilities that an external worker declared when it last registered. */
export interface Abilities {
  /**
   * Whether the server knows the worker's program; other programs can only take plain text-to-image jobs with the
   * picture in the reply.
   */
  readonly knownBridge: boolean
  readonly nsfw: boolean
  readonly maxPixels: number
  readonly blacklist: ReadonlyArray<string>
  readonly imageToImage: boolean
  readonly painting: boolean
  readonly postProcessing: boolean
  readonly controlNet: boolean
  readonly sdxlControlNet: boolean
  readonly lora: boolean
  readonly limitsSteps: boolean
  readonly extraSlow: boolean
  readonly upfrontKudos: boolean
  /** The usernames whose jobs have priority, its owner's included. */
  readonly prefers: ReadonlySet<string>
}

/** The schedule of a built-in worker. */
export interface Routine {
  readonly takesJobs: boolean
  /** Milliseconds until an idle worker polls the queue after new work arrived. */
  readonly startsAfter: number
  /** Whether a poll is scheduled or a picture is in progress; then no other poll is scheduled. */
  engaged: boolean
}

export interface Worker {
  readonly id: string
  readonly name: string
  /** Undefined for a built-in worker without an account. */
  readonly owner: User | undefined
  models: ReadonlyArray<string>
  threads: number
  /** Milliseconds per picture: configured for built-in workers, measured for external ones. */
  takes: number
  readonly registeredAt: number
  /** When its capabilities were last updated. */
  updatedAt: number
  onlineUntil: number
  /** Undefined for built-in workers, which can do anything. */
  abilities: Abilities | undefined
  /** Undefined for external workers, which poll by themselves. */
  readonly routine: Routine | undefined
}
