/**
 * The account that pays for an image job, and whether its balance and its shared key cover the price.
 */
import { anonymousKey } from "../../../Accounts.js"
import * as Kudos from "../../jobs/kudos.js"
import * as Queue from "../../jobs/queue.js"
import * as Account from "../../state/account.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import { refuse, refuseApiKey } from "../../state/refusal.js"
import type { SharedKey } from "../../state/sharedKey.js"
import type { World } from "../../state/world.js"

export interface Payer {
  readonly user: Account.User
  readonly sharedKey: SharedKey | undefined
  /** Whether the job gets a lower priority because the kudos do not cover it. */
  readonly downgraded: boolean
}

/** Finds the payer of an API key. With a shared key, the request runs with its owner's permissions and balance. */
export const find = (world: World, apiKey: string, request: ImageRequest): Payer => {
  const sharedKey = world.findSharedKey(apiKey)
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
  return { user: sharedKey.owner, sharedKey, downgraded: false }
}

/**
 * Checks the key's budget, then the balance. A request that allows a downgrade gets a lower priority or a smaller
 * picture instead of a refusal.
 */
export const checkKudos = (
  world: World,
  { downgraded, sharedKey, user }: Payer,
  request: ImageRequest
): Payer & { readonly request: ImageRequest } => {
  const price = Kudos.dryRun(request)
  const exceedsBudget = sharedKey !== undefined && sharedKey.kudos !== -1 && price > sharedKey.kudos
  if (exceedsBudget && !request.allowDowngrade) {
    refuse(403, "SharedKeyInsufficientKudos", `This needs ${price} kudos, the shared key has ${sharedKey.kudos}`)
  }
  const payer = { user, sharedKey, downgraded: downgraded || exceedsBudget }
  const affordable = price <= user.kudos - Account.floor(user)
  if (affordable || !Kudos.neededUpfront(request, Queue.load(world))) return { ...payer, request }
  if (!request.allowDowngrade) {
    refuse(403, "KudosUpfront", `This needs ${price} kudos upfront, the account has ${Math.floor(user.kudos)}`)
  }
  const smaller = {
    ...request,
    width: Math.min(request.width, 512),
    height: Math.min(request.height, 512),
    steps: Math.min(request.steps, 30)
  }
  return { ...payer, request: smaller }
}

/**
 * Checks a shared key's limits on single jobs. The real server 5.1.5 is meant to refuse with these messages, but fails
 * in its own check and replies with 500.
 */
export const checkJobLimits = (sharedKey: SharedKey | undefined, request: ImageRequest): void => {
  if (sharedKey === undefined) return
  const check = (unit: string, limit: number, value: number): void => {
    if (limit < 0 || value <= limit) return
    refuse(400, "BadRequest", `This shared key allows ${limit} ${unit} per picture, the request has ${value}`)
  }
  check("pixels", sharedKey.maxImagePixels, request.width * request.height)
  check("steps", sharedKey.maxImageSteps, request.steps)
}
