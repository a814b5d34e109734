/**
 * A worker as the server knows it, built-in or external. It serves one kind of jobs.
 */
import type { User } from "./account.js"
import type { Types } from "./kind.js"
import type { Team } from "./team.js"

/** The schedule of a built-in worker. */
export interface Routine {
  readonly takesJobs: boolean
  /** Milliseconds until an idle worker polls the queue after new work arrived. */
  readonly startsAfter: number
  readonly poll: () => void
  /** Whether a poll is scheduled or a generation is in progress; then no other poll is scheduled. */
  engaged: boolean
}

/** The state that its owner and moderators control. */
export interface WorkerControls {
  /** The reason for the maintenance, undefined outside of it: then it gets the jobs of its owner only. */
  maintenance: string | undefined
  /** Whether a moderator paused it: it gets no jobs, and is not told why. */
  paused: boolean
  info: string | undefined
  team: Team | undefined
}

/** Totals since its registration. */
export interface WorkerTotals {
  fulfilled: number
  aborted: number
  /** The delivered work in the unit of the kind. */
  contributed: number
  kudos: number
  /** Milliseconds of work on delivered generations, and milliseconds online. */
  busy: number
  uptime: number
}

export interface Worker<T extends Types = Types> {
  readonly id: string
  name: string
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
  /** Its program, as in `name:version:address`. */
  bridgeAgent: string
  /** The IP address of its last request. */
  ip: string
  readonly controls: WorkerControls
  readonly totals: WorkerTotals
  /** Undefined for built-in workers, which can do anything. */
  abilities: T["abilities"] | undefined
  /** Undefined for external workers, which poll by themselves. */
  readonly routine: Routine | undefined
}

/** The controls and the totals of a new worker. */
export const start = (): Pick<Worker, "controls" | "totals"> => ({
  controls: { maintenance: undefined, paused: false, info: undefined, team: undefined },
  totals: { fulfilled: 0, aborted: 0, contributed: 0, kudos: 0, busy: 0, uptime: 0 }
})

export const isOnline = (worker: Worker, now: number): boolean => worker.onlineUntil > now
