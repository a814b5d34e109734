/**
 * The API keys that may read the recorded request of a job.
 */
import * as Account from "../state/account.js"
import type { Job } from "../state/job.js"
import { refuse, refuseApiKey } from "../state/refusal.js"
import type { World } from "../state/world.js"

const refuseOwner = (): never => refuse(403, "NotRequestOwner", "This request was submitted with another API key")

/**
 * An account may read its own requests and those of its shared keys; a shared key only the requests that it submitted.
 */
export const checkApiKey = (world: World, job: Job, apiKey: string): void => {
  const sharedKey = world.findSharedKey(apiKey)
  if (sharedKey !== undefined) {
    if (sharedKey !== job.sharedKey) refuseOwner()
    return
  }
  const caller = world.findUser(apiKey) ?? refuseApiKey()
  if (Account.isAnonymous(caller)) refuse(403, "AnonForbidden", "The anonymous account cannot read requests")
  if (caller !== job.owner) refuseOwner()
}
