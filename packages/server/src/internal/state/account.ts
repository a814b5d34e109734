/**
 * What an account may do, and how its balance moves.
 */
import type { Account } from "../../Accounts.js"
import type { User } from "./world.js"

export const start = (account: Account): User => ({
  account,
  username: `${account.alias}#${account.id}`,
  kudos: account.kudos,
  held: 0,
  flows: { accumulated: 0, gifted: 0, received: 0 },
  records: { requests: 0, used: 0, fulfilled: 0, contributed: 0 }
})

export const isAnonymous = ({ account }: User): boolean => account.id === 0

export const isTrusted = ({ account }: User): boolean => account.trusted === true || account.moderator === true

/** How many pictures may wait at once. */
export const concurrency = ({ account }: User): number => account.concurrency ?? (account.education === true ? 200 : 30)

/** What a spender may not go below. */
export const floor = (user: User): number => (isAnonymous(user) ? -50 : 25)

/** Pays for work, or is paid for it where the amount is negative. */
export const pay = (user: User, amount: number): void => {
  user.kudos -= amount
  user.flows.accumulated -= amount
}

/** Kudos change hands, and nobody has worked for them. */
export const give = (from: User, to: User, amount: number): void => {
  from.kudos -= amount
  from.flows.gifted -= amount
  to.kudos += amount
  to.flows.received += amount
}
