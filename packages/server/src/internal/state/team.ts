/**
 * A team of workers.
 */
import type { User } from "./account.js"

export interface Team {
  readonly id: string
  readonly creator: User
  name: string
  info: string | undefined
  /** What workers did while they were in the team. */
  readonly totals: { fulfilled: number; kudos: number; uptime: number }
}
