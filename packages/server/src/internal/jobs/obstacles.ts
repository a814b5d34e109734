/**
 * The reasons for which a worker cannot take a job.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Worker } from "../state/worker.js"
import type { JobKind } from "./kind.js"

/** The model that a worker would use for a job. */
export const modelFor = ({ request }: Job, worker: Worker): string | undefined =>
  request.models.length === 0 ? worker.models[0] : request.models.find((model) => worker.models.includes(model))

/** Whether the worker gets such jobs at all: in maintenance it gets those of its owner, paused it gets none. */
export const isOffered = ({ owner }: Job, { controls, owner: workerOwner }: Worker): boolean =>
  !controls.paused &&
  ((controls.maintenance === undefined && workerOwner?.roles.has("flagged") !== true) || owner === workerOwner)

/** The names of the reasons that apply. */
export const applying = (reasons: ReadonlyArray<readonly [boolean, string]>): ReadonlyArray<string> =>
  reasons.flatMap(([applies, name]) => (applies ? [name] : []))

const ofAnyKind = <T extends Types>(kind: JobKind<T>, job: Job<T>, worker: Worker<T>): ReadonlyArray<string> => {
  const { owner, request } = job
  const { abilities } = worker
  if (abilities === undefined) return []
  const prompt = request.prompt?.toLowerCase() ?? ""
  return applying([
    [!request.extraSlowWorkers && abilities.extraSlow, "performance"],
    [request.trustedWorkers && (worker.owner === undefined || !Account.isTrusted(worker.owner)), "untrusted"],
    [abilities.upfrontKudos && owner.kudos - Account.floor(owner) < kind.prices.estimate(request), "kudos"],
    [abilities.blacklist.some((word) => prompt.includes(word.toLowerCase())), "blacklist"]
  ])
}

/** Every reason that applies, under the names in a pop's reply; empty if the worker can take the job. */
export const obstacles = <T extends Types>(kind: JobKind<T>, job: Job<T>, worker: Worker<T>): ReadonlyArray<string> => {
  const { workerBlacklist, workers } = job.request
  const listed = workers.slice(0, 5).some((id) => Python.uuid(id) === worker.id)
  return [
    ...applying([
      [workers.length > 0 && listed === workerBlacklist, "worker_id"],
      [modelFor(job, worker) === undefined, "models"]
    ]),
    ...ofAnyKind(kind, job, worker),
    ...(worker.abilities === undefined ? [] : kind.lacks(job, worker.abilities))
  ]
}
