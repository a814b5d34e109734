/**
 * An account: its permissions, its balance and its statistics.
 */
import type { Account } from "../../Accounts.js"
import type { KindName } from "./kind.js"

/** Numbers of jobs and generations, and their amounts of work in the unit of the kind. */
export interface Records {
  requests: number
  used: number
  fulfilled: number
  contributed: number
}

export interface User {
  readonly account: Account
  readonly username: string
  kudos: number
  /** Earned kudos that are withheld until the account is trusted. */
  held: number
  /** The totals behind the balance, as the account's details show them. */
  readonly flows: { accumulated: number; gifted: number; received: number }
  /** Requested and delivered work, by kind. */
  readonly records: Readonly<Record<KindName, Records>>
}

const noRecords = (): Records => ({ requests: 0, used: 0, fulfilled: 0, contributed: 0 })

export const start = (account: Account): User => ({
  account,
  username: `${account.alias}#${account.id}`,
  kudos: account.kudos,
  held: 0,
  flows: { accumulated: 0, gifted: 0, received: 0 },
  records: { image: noRecords(), text: noRecords() }
})

export const isAnonymous = ({ account }: User): boolean => account.id === 0

export const isTrusted = ({ account }: User): boolean => account.trusted === true || account.moderator === true

/** The maximum number of generations that may wait at once. */
export const concurrency = ({ account }: User): number => account.concurrency ?? (account.education === true ? 200 : 30)

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
