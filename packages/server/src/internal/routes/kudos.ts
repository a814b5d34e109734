/**
 * `POST /v2/kudos/transfer`: kudos for somebody else's account or shared key.
 */

import { argumentsOf, required, whole } from "../http/arguments.js"
import { type RouteContext, requiredKey, sharedKeyOf, unknownCaller, userOf } from "../http/context.js"
import * as Mask from "../http/fieldMask.js"
import { type Answer, json, refuse } from "../http/reply.js"
import * as Account from "../state/account.js"
import type { SharedKey, User, World } from "../state/world.js"

const tooFast = 60_000

interface Target {
  readonly user: User
  readonly sharedKey: SharedKey | undefined
}

const no = (rc: string, message: string): never => refuse(400, rc, message)

const targetOf = (world: World, username: string): Target => {
  const sharedKey = sharedKeyOf(world, username)
  if (sharedKey !== undefined) {
    if (sharedKey.expiresAt !== undefined && sharedKey.expiresAt <= world.now) {
      no("SharedKeyExpired", "This shared key has expired")
    }
    return { user: sharedKey.owner, sharedKey }
  }
  const user = [...world.users.values()].find((user) => user.username === username)
  return { user: user ?? no("InvalidTargetUsername", `There is no user ${username}`), sharedKey: undefined }
}

const check = (world: World, from: User, to: User, amount: number): void => {
  if (Account.isAnonymous(to)) no("KudosTransferToAnon", "The anonymous account takes no kudos")
  if (to === from) no("KudosTransferToSelf", "These kudos are yours already")
  if (amount < 0) no("NegativeKudosTransfer", "Kudos can be given, not taken")
  if (amount === 0) no("InvalidKudosTransferAmount", "No kudos are nothing to give")
  const justBack = world.transfers.some(
    (earlier) => earlier.from === to && earlier.to === from && earlier.at + tooFast > world.now
  )
  if (justBack) no("TooFastKudosTransfers", "Kudos cannot go back within a minute")
  const spendable = from.kudos - Account.floor(from)
  if (amount > spendable) no("KudosTransferNotEnough", `${amount} kudos are more than can be given away`)
}

export const transfer = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const apiKey = requiredKey(context)
  const args = argumentsOf(context)
  const username = required(args, "username")
  const amount = whole(args, "amount") ?? 100
  const answer = json(200, Mask.apply(incoming.headers["x-fields"], { transferred: amount }))
  const from = userOf(world, apiKey) ?? unknownCaller()
  if (Account.isAnonymous(from)) no("KudosTransferFromAnon", "The anonymous account gives no kudos")
  if (from.account.education === true) no("EducationCannotSendKudos", "Education accounts give no kudos")

  const idempotencyKey = incoming.headers["idempotency-key"]
  const under =
    idempotencyKey === undefined || idempotencyKey === "" ? undefined : `${from.account.id} ${idempotencyKey}`
  const asked = JSON.stringify([username, amount])
  const before = under === undefined ? undefined : world.idempotent.get(under)
  if (before === asked) return answer
  if (before !== undefined) no("IdempotencyKeyConflict", "This idempotency key stands for another transfer")

  const { sharedKey, user: to } = targetOf(world, username)
  check(world, from, to, amount)
  Account.give(from, to, amount)
  if (sharedKey !== undefined && sharedKey.kudos !== -1) sharedKey.kudos += amount
  world.transfers.push({ from, to, at: world.now })
  if (under !== undefined) world.idempotent.set(under, asked)
  return answer
}
