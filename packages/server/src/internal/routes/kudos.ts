/**
 * Kudos: transfers to another account or shared key, and awards.
 */
import * as Kudos from "effect-horde/Kudos"
import { argumentsOf, required, requiredKey, text, whole } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Account from "../state/account.js"
import { refuse, refuseApiKey } from "../state/refusal.js"
import type { SharedKey } from "../state/sharedKey.js"
import type { World } from "../state/world.js"
import { callerOf } from "./callers.js"

interface Target {
  readonly user: Account.User
  readonly sharedKey: SharedKey | undefined
}

const reject = (rc: string, message: string): never => refuse(400, rc, message)

/** Finds the recipient by username or by the id of a shared key. */
const targetOf = (world: World, username: string): Target => {
  const sharedKey = world.findSharedKey(username)
  if (sharedKey !== undefined) {
    if (sharedKey.expiresAt !== undefined && sharedKey.expiresAt <= world.now) {
      reject("SharedKeyExpired", "This shared key has expired")
    }
    return { user: sharedKey.owner, sharedKey }
  }
  const user = [...world.users.values()].find((user) => user.username === username)
  return { user: user ?? reject("InvalidTargetUsername", `There is no user ${username}`), sharedKey: undefined }
}

/** How long kudos cannot be transferred back. */
const noReturnFor = 60_000

const check = (world: World, from: Account.User, to: Account.User, amount: number): void => {
  if (Account.isAnonymous(to)) reject("KudosTransferToAnon", "The anonymous account cannot receive kudos")
  if (to === from) reject("KudosTransferToSelf", "An account cannot transfer kudos to itself")
  if (amount < 0) reject("NegativeKudosTransfer", "The amount must not be negative")
  if (amount === 0) reject("InvalidKudosTransferAmount", "The amount must not be 0")
  if (to.deleted) reject("DeletedUser", "The receiving account is deleted")
  if (to.roles.has("flagged")) reject("TargetAccountFlagged", "The receiving account is flagged")
  const isReturn = world.transfers.some(
    (earlier) => earlier.from === to && earlier.to === from && earlier.at + noReturnFor > world.now
  )
  if (isReturn) reject("TooFastKudosTransfers", "Kudos cannot be transferred back within a minute")
  const spendable = from.kudos - Account.floor(from)
  if (amount > spendable) reject("KudosTransferNotEnough", `The account cannot spare ${amount} kudos`)
}

const transfer = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const apiKey = requiredKey(incoming)
  const args = argumentsOf(incoming)
  const username = required("username", text(args, "username"))
  const amount = whole(args, "amount") ?? 100
  const answer = maskedJson(incoming, 200, { transferred: amount })
  const from = world.findUser(apiKey) ?? refuseApiKey()
  if (Account.isAnonymous(from)) reject("KudosTransferFromAnon", "The anonymous account cannot transfer kudos")
  if (from.roles.has("education")) {
    reject("EducationCannotSendKudos", "Education accounts cannot transfer kudos")
  }

  if (from.deleted) reject("DeletedUser", "This account is deleted")
  if (from.roles.has("flagged")) reject("SourceAccountFlagged", "This account is flagged and cannot transfer kudos")

  const header = incoming.headers["idempotency-key"]
  const idempotencyKey = header === undefined || header === "" ? undefined : `${from.account.id} ${header}`
  const request = JSON.stringify([username, amount])
  const earlier = idempotencyKey === undefined ? undefined : world.idempotent.get(idempotencyKey)
  if (earlier === request) return answer
  if (earlier !== undefined) {
    reject("IdempotencyKeyConflict", "This idempotency key was used for a different transfer")
  }

  const { sharedKey, user: to } = targetOf(world, username)
  check(world, from, to, amount)
  Account.give(from, to, amount)
  if (sharedKey !== undefined && sharedKey.kudos !== -1) sharedKey.kudos += amount
  world.transfers.push({ from, to, at: world.now })
  if (idempotencyKey !== undefined) world.idempotent.set(idempotencyKey, request)
  return answer
}

/** The only account that may award kudos. */
const awarder = 1

const award = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const args = argumentsOf(incoming)
  const username = required("username", text(args, "username"))
  const amount = whole(args, "amount") ?? 100
  const caller = callerOf(context)
  if (caller.deleted) refuse(403, "DeletedUser", "This account is deleted")
  if (caller.account.id !== awarder) refuse(403, "NotAllowedAwards", "This account may not award kudos")
  const user =
    [...world.users.values()].find((user) => user.username === username) ??
    reject("InvalidAwardUsername", `There is no user ${username}`)
  if (Account.isAnonymous(user)) reject("KudosAwardToAnon", "The anonymous account cannot receive kudos")
  // The real server awards a flagged account nothing, and replies with this list.
  if (user.roles.has("flagged")) return maskedJson(incoming, 200, [{}, {}])
  Account.mint(user, amount, "awarded")
  return maskedJson(incoming, 200, { awarded: amount })
}

export const kudos: ReadonlyArray<Route> = [
  {
    endpoint: Kudos.Transfer.declaration,
    handler: transfer
  },
  {
    endpoint: Kudos.Award.declaration,
    handler: award
  }
]
