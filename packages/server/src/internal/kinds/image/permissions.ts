/**
 * Checks whether the account of an image request has the permissions that the request needs.
 */
import * as Progress from "../../jobs/progress.js"
import * as Python from "../../python/values.js"
import * as Account from "../../state/account.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import { refuse } from "../../state/refusal.js"
import type { World } from "../../state/world.js"

/**
 * The account's waiting pictures. All callers without a key share the anonymous account, so it is counted per model.
 */
const countWaiting = (world: World, user: Account.User, { models }: ImageRequest): number => {
  const counts = (owner: Account.User, others: ReadonlyArray<string>): boolean =>
    owner === user && (!Account.isAnonymous(user) || others.some((model) => models.includes(model)))
  let waiting = 0
  for (const job of world.live.values()) {
    if (!job.faulted && counts(job.owner, job.request.models)) waiting += Progress.waiting(job)
  }
  world.refusedRequests = world.refusedRequests.filter(({ expiresAt }) => expiresAt > world.now)
  for (const { models, owner, pictures } of world.refusedRequests) if (counts(owner, models)) waiting += pictures
  return waiting
}

const checkPrompt = (world: World, { prompt, replacementFilter }: ImageRequest): void => {
  if (!world.settings.corruptPrompt(prompt)) return
  if (replacementFilter && Python.length(prompt) > 7000) {
    refuse(400, "BadRequest", "The prompt is too long for the replacement filter")
  }
  refuse(400, "CorruptPrompt", "This prompt was filtered")
}

/** Runs the checks in the order of the real server. */
export const checkPermissions = (world: World, user: Account.User, request: ImageRequest): void => {
  if (request.proxiedAccount !== undefined) {
    refuse(400, "OnlyServiceAccountProxy", "proxied_account needs a service account")
  }
  if (request.extraSourceImages > 5) refuse(400, "TooManyExtraSourceImages.", "At most 5 extra source images")
  if (request.extraSourceImages > 1 && !Account.isTrusted(user)) {
    refuse(400, "MoreThanMinExtraSourceImage.", "More than one extra source image needs a trusted account")
  }
  for (const id of request.workers) {
    if (!world.workers.some((worker) => worker.id === Python.uuid(id)))
      refuse(404, "WorkerNotFound", `There is no worker ${id}`)
  }
  if (request.disableBatching && request.n > 1 && !Account.isTrusted(user)) {
    refuse(400, "RequiresTrust", "disable_batching needs a trusted account")
  }
  const limit = Account.concurrency(user)
  if (countWaiting(world, user, request) + request.n > limit) {
    refuse(429, "TooManyPrompts", `No more than ${limit} pictures may wait at once`)
  }
  checkPrompt(world, request)
}
