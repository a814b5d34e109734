/**
 * An account: its permissions, its balance and its statistics.
 */
import type { Account } from "../../Accounts.js"
import type { KindName } from "./kind.js"

/** The permissions that moderators grant, under the names of the fields in requests and replies. */
export const roles = ["trusted", "flagged", "customizer", "vpn", "service", "education", "special"] as const

export type Role = (typeof roles)[number] | "moderator"

/** Numbers of jobs, generations and uses of styles, and amounts of work in the unit of the kind. */
export interface Records {
  requests: number
  used: number
  fulfilled: number
  contributed: number
  styled: number
}

export interface User {
  readonly account: Account
  /** The name and the number, as in `owner#1`. */
  username: string
  readonly roles: Set<Role>
  /** The maximum number of generations that may wait at once. */
  concurrency: number
  /** The number of workers that it may have while the horde is invite-only. */
  workerInvited: number
  /** The factor of the prices of its jobs. */
  usageMultiplier: number
  /** Whether everybody sees which workers it owns. */
  publicWorkers: boolean
  contact: string | undefined
  adminComment: string | undefined
  /** With it, a service states the IP addresses of its own users. */
  proxyPasskey: string | undefined
  suspicion: number
  /** Whether it is marked as deleted: it can do nothing but undo that. */
  deleted: boolean
  /** When it last submitted a job or registered a worker. */
  lastActive: number
  kudos: number
  /** Earned kudos that are withheld until the account is trusted. */
  held: number
  /** Kudos that it receives every 30 days. */
  monthly: { amount: number; lastReceived: number | undefined }
  /** The totals behind the balance, as the account's details show them. */
  readonly flows: {
    accumulated: number
    gifted: number
    received: number
    admin: number
    awarded: number
    recurring: number
    styled: number
  }
  /** Requested and delivered work, by kind. */
  readonly records: Readonly<Record<KindName, Records>>
}

const noRecords = (): Records => ({ requests: 0, used: 0, fulfilled: 0, contributed: 0, styled: 0 })

/** The default number of generations that may wait at once, and that of education accounts. */
export const usualConcurrency = 30
export const educationConcurrency = 200

const rolesOf = (account: Account): Set<Role> => {
  const { customizer, education, flagged, moderator, service, trusted } = account
  const granted = { customizer, education, flagged, moderator, service, trusted }
  return new Set((Object.keys(granted) as ReadonlyArray<keyof typeof granted>).filter((role) => granted[role] === true))
}

export const start = (account: Account, now: number): User => ({
  account,
  username: `${account.alias}#${account.id}`,
  roles: rolesOf(account),
  concurrency: account.concurrency ?? (account.education === true ? educationConcurrency : usualConcurrency),
  workerInvited: 0,
  usageMultiplier: 1,
  // Everybody sees the workers of the anonymous account; it has none.
  publicWorkers: account.id === 0,
  contact: undefined,
  adminComment: undefined,
  proxyPasskey: undefined,
  suspicion: 0,
  deleted: false,
  lastActive: now,
  kudos: account.kudos,
  held: 0,
  monthly: { amount: 0, lastReceived: undefined },
  flows: { accumulated: 0, gifted: 0, received: 0, admin: 0, awarded: 0, recurring: 0, styled: 0 },
  records: { image: noRecords(), text: noRecords(), alchemy: noRecords() }
})

export const isAnonymous = ({ account }: User): boolean => account.id === 0

export const isAdmin = ({ account }: User): boolean => account.admin === true

export const isModerator = ({ roles }: User): boolean => roles.has("moderator")

export const isTrusted = ({ roles }: User): boolean => roles.has("trusted") || roles.has("moderator")

/** Grants or withdraws a permission. */
export const setRole = ({ roles }: User, role: Role, granted: boolean): void => {
  if (granted) roles.add(role)
  else roles.delete(role)
}

/** The lowest balance that spending may lead to. */
export const floor = (user: User): number => (isAnonymous(user) ? -50 : 25)

/** Subtracts the price of work from the balance; a negative amount is a reward. */
export const pay = (user: User, amount: number): void => {
  user.kudos -= amount
  user.flows.accumulated -= amount
}

/** Transfers kudos from one account to another. */
export const give = (from: User, to: User, amount: number): void => {
  from.kudos -= amount
  from.flows.gifted -= amount
  to.kudos += amount
  to.flows.received += amount
}

/** Pays out the earned kudos that were withheld. */
export const releaseHeld = (user: User): void => {
  user.kudos += user.held
  user.flows.accumulated += user.held
  user.held = 0
}

/**
 * Creates kudos, as an admin, an award, the monthly payment or the use of a style does; an admin may also take some
 * away.
 */
export const mint = (user: User, amount: number, flow: "admin" | "awarded" | "recurring" | "styled"): void => {
  user.kudos += amount
  user.flows[flow] += amount
}
