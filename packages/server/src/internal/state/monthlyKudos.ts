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
  const paidAt = world.now
  world.schedule(world.now + month, () => {
    // A later payment has its own schedule.
    if (monthly.amount > 0 && monthly.lastReceived === paidAt) payMonth(world, user)
  })
}

/** Raises or lowers the monthly amount. The first payment is made at once. */
export const modifyMonthlyKudos = (world: World, user: Account.User, amount: number): void => {
  user.monthly.amount = Math.max(0, user.monthly.amount + amount)
  if (user.monthly.amount > 0 && user.monthly.lastReceived === undefined) payMonth(world, user)
}
