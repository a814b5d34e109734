/**
 * Finds the account that pays for a job, and checks whether its balance and its shared key cover the price.
 */
import { anonymousKey } from "../../Accounts.js"
import * as Account from "../state/account.js"
import type { JobRequest, Types } from "../state/kind.js"
import type { Paid, Payer } from "../state/payer.js"
import { refuse, refuseApiKey, refuseRequest } from "../state/refusal.js"
import type { SharedKey } from "../state/sharedKey.js"
import type { Style } from "../state/style.js"
import type { World } from "../state/world.js"
import type { JobKind } from "./kind.js"
import * as Queue from "./queue.js"

/** Whether the key is attached to styles, and this is none of them. */
const belongsToOther = (world: World, { id }: SharedKey, style: Style | undefined): boolean =>
  style?.content.sharedKeyId !== id && [...world.styles.values()].some(({ content }) => content.sharedKeyId === id)

/** Finds the payer of an API key. With a shared key, the request runs with its owner's permissions and balance. */
export const find = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  apiKey: string,
  request: JobRequest,
  style: Style | undefined
): Payer => {
  const sharedKey = kind.sharedKeys ? world.findSharedKey(apiKey) : undefined
  if (sharedKey === undefined) {
    const user = world.findUser(apiKey) ?? refuseApiKey()
    return { user, sharedKey: undefined, downgraded: false }
  }
  if (sharedKey.kudos === 0) {
    const anonymous = world.findUser(anonymousKey)
    if (!request.allowDowngrade || anonymous === undefined) {
      return refuse(403, "SharedKeyEmpty", "This shared key has no kudos left")
    }
    return { user: anonymous, sharedKey: undefined, downgraded: true }
  }
  if (sharedKey.expiresAt !== undefined && sharedKey.expiresAt <= world.now) {
    refuse(403, "SharedKeyExpired", "This shared key has expired")
  }
  if (belongsToOther(world, sharedKey, style)) {
    refuse(403, "SharedKeyAssignedStyles", "This shared key may only be used with the styles that it is attached to")
  }
  return { user: sharedKey.owner, sharedKey, downgraded: false }
}

/**
 * Checks the key's budget, then the balance. A request that allows a downgrade gets a lower priority or becomes smaller
 * instead of being refused.
 */
export const checkKudos = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  { downgraded, sharedKey, user }: Payer,
  request: T["request"]
): Payer & { readonly request: T["request"] } => {
  const price = kind.prices.estimate(request)
  const exceedsBudget = sharedKey !== undefined && sharedKey.kudos !== -1 && price > sharedKey.kudos
  if (exceedsBudget && !request.allowDowngrade) {
    refuse(403, "SharedKeyInsufficientKudos", `This needs ${price} kudos, the shared key has ${sharedKey.kudos}`)
  }
  const payer = { user, sharedKey, downgraded: downgraded || exceedsBudget }
  const affordable = price <= user.kudos - Account.floor(user)
  const load = Queue.load(world, kind.poolOf(world))
  if (affordable || !kind.prices.neededUpfront(request, load)) return { ...payer, request }
  if (!request.allowDowngrade) {
    refuse(403, "KudosUpfront", `This needs ${price} kudos upfront, the account has ${Math.floor(user.kudos)}`)
  }
  return { ...payer, request: kind.prices.smaller(request, load) }
}

/**
 * Checks a shared key's limits on single jobs, which do not apply with a style that the key is attached to. The real
 * server 5.1.5 is meant to refuse with these messages, but fails in its own check
 * and replies with 500.
 */
export const checkJobLimits = <T extends Types>(kind: JobKind<T>, { request, sharedKey, style }: Paid<T>): void => {
  if (sharedKey === undefined || style?.content.sharedKeyId === sharedKey.id) return
  for (const { limit, unit, value } of kind.checks.limits(sharedKey, request)) {
    if (limit >= 0 && value > limit) {
      refuseRequest(`This shared key allows ${limit} ${unit}, the request has ${value}`)
    }
  }
}
