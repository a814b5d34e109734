/**
 * Kudos that an account receives every 30 days.
 */
import * as Account from "./account.js"
import * as AccountDetails from "./accountDetails.js"
import type { World } from "./world.js"

const month = 30 * 86_400_000

const payMonth = (world: World, user: Account.User): void => {
  const { monthly } = user
  monthly.lastReceived = world.now
  Account.mint(user, monthly.amount, "recurring")
  AccountDetails.invalidate(world, user)
  world.schedule(world.now + month, () => {
    if (monthly.amount > 0) payMonth(world, user)
  })
}

/** Raises or lowers the monthly amount. The first payment is made at once, also after an interruption. */
export const modifyMonthlyKudos = (world: World, user: Account.User, amount: number): void => {
  const { monthly } = user
  monthly.amount = Math.max(0, monthly.amount + amount)
  const isScheduled = monthly.lastReceived !== undefined && monthly.lastReceived + month > world.now
  if (monthly.amount > 0 && !isScheduled) payMonth(world, user)
}
