/**
 * Checks whether the account of a request has the permissions that the request needs.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { JobRequest, Types } from "../state/kind.js"
import { refuse } from "../state/refusal.js"
import type { World } from "../state/world.js"
import type { JobKind } from "./kind.js"
import * as Progress from "./progress.js"

/**
 * The account's waiting generations of one kind. All callers without a key share the anonymous account, so it is
 * counted per model.
 */
const countWaiting = <T extends Types>(
  world: World,
  { poolOf, quota }: JobKind<T>,
  user: Account.User,
  { models }: JobRequest
): number => {
  const pool = poolOf(world)
  const byModel = quota.byModel && Account.isAnonymous(user)
  const counts = (owner: Account.User, others: ReadonlyArray<string>): boolean =>
    owner === user && (!byModel || others.some((model) => models.includes(model)))
  let waiting = 0
  for (const job of pool.live.values()) {
    if (job.faulted || !counts(job.owner, job.request.models)) continue
    waiting += Progress.waiting(job) + (quota.countsRunning ? Progress.running(job) : 0)
  }
  pool.refusedRequests = pool.refusedRequests.filter(({ expiresAt }) => expiresAt > world.now)
  for (const { models, n, owner } of pool.refusedRequests) if (counts(owner, models)) waiting += n
  return waiting
}

/** Runs the checks in the order of the real server. */
export const checkPermissions = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  user: Account.User,
  request: JobRequest
): void => {
  if (request.proxiedAccount !== undefined && !user.roles.has("service")) {
    refuse(400, "OnlyServiceAccountProxy", "proxied_account needs a service account")
  }
  if (user.deleted) refuse(403, "DeletedUser", "This account is deleted")
  if (request.extraSourceImages > 5) refuse(400, "TooManyExtraSourceImages.", "At most 5 extra source images")
  if (request.extraSourceImages > 1 && !Account.isTrusted(user)) {
    refuse(400, "MoreThanMinExtraSourceImage.", "More than one extra source image needs a trusted account")
  }
  if (request.prompt === "") refuse(400, "MissingPrompt", "The prompt must not be empty")
  for (const id of request.workers) {
    if (!world.workers.some((worker) => worker.id === Python.uuid(id)))
      refuse(404, "WorkerNotFound", `There is no worker ${id}`)
  }
  if (request.disableBatching && request.n > 1 && !Account.isTrusted(user)) {
    refuse(400, "RequiresTrust", "disable_batching needs a trusted account")
  }
  const limit = user.concurrency * kind.quota.factor
  if (countWaiting(world, kind, user, request) + request.n > limit) {
    refuse(429, "TooManyPrompts", `No more than ${limit} generations may wait at once`)
  }
}
