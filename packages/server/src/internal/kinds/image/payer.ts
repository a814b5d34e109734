/**
 * Who pays for a job, and whether they can: an account, or a shared key within its budget and on its owner's account.
 */
import { anonymousKey } from "../../../Accounts.js"
import { sharedKeyOf, unknownCaller, userOf } from "../../http/context.js"
import { refuse } from "../../http/reply.js"
import * as Kudos from "../../jobs/kudos.js"
import * as Job from "../../jobs/lifeCycle.js"
import * as Worker from "../../jobs/workers.js"
import * as Account from "../../state/account.js"
import type { SharedKey, User, World } from "../../state/world.js"
import type { ImageRequest } from "./request.js"

export interface Payer {
  readonly user: User
  readonly sharedKey: SharedKey | undefined
  /** Whether the job has to stand behind others because the means fall short. */
  readonly downgraded: boolean
}

/** A shared key makes the request run as its owner, with all that the owner may and has. */
export const find = (world: World, apiKey: string, request: ImageRequest): Payer => {
  const sharedKey = sharedKeyOf(world, apiKey)
  if (sharedKey === undefined) {
    const user = userOf(world, apiKey) ?? unknownCaller()
    return { user, sharedKey: undefined, downgraded: false }
  }
  if (sharedKey.kudos === 0) {
    const anonymous = world.users.get(anonymousKey)
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

/** Whether the job is so big that the owner's balance must cover it beforehand. */
const isUpfront = (world: World, request: ImageRequest): boolean => {
  const threads = Worker.online(world).reduce((sum, worker) => sum + worker.threads, 0)
  let queue = 0
  for (const job of world.live.values()) queue += Job.waiting(job)
  return Kudos.neededUpfront(request, { threads, queue })
}

/** The key's budget, then the balance. Who allows a downgrade gets a smaller picture or a place further back instead. */
export const checkKudos = (
  world: World,
  { downgraded, sharedKey, user }: Payer,
  request: ImageRequest
): Payer & { readonly request: ImageRequest } => {
  const price = Kudos.dryRun(request)
  const short = sharedKey !== undefined && sharedKey.kudos !== -1 && price > sharedKey.kudos
  if (short && !request.allowDowngrade) {
    refuse(403, "SharedKeyInsufficientKudos", `This needs ${price} kudos, the shared key has ${sharedKey.kudos}`)
  }
  const payer = { user, sharedKey, downgraded: downgraded || short }
  const affordable = price <= user.kudos - Account.floor(user)
  if (affordable || !isUpfront(world, request)) return { ...payer, request }
  if (!request.allowDowngrade) {
    refuse(403, "KudosUpfront", `This needs ${price} kudos beforehand, and there are ${Math.floor(user.kudos)}`)
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
 * What a shared key allows a single job. The real server means to refuse with these words, but in version 5.1.5 trips
 * over its own check and answers 500.
 */
export const checkJobLimits = (sharedKey: SharedKey | undefined, request: ImageRequest): void => {
  if (sharedKey === undefined) return
  const hold = (what: string, limit: number, value: number): void => {
    if (limit < 0 || value <= limit) return
    refuse(400, "BadRequest", `This shared key allows ${limit} ${what} for a picture, and ${value} were asked for`)
  }
  hold("pixels", sharedKey.maxImagePixels, request.width * request.height)
  hold("steps", sharedKey.maxImageSteps, request.steps)
}
