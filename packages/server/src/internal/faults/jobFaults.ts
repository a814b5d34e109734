/**
 * Scripted faults of jobs: whether a kind of fault applies to a job.
 */
import type * as Faults from "../../Faults.js"
import type { Job } from "../state/job.js"
import type { World } from "../state/world.js"

const matches = (match: Faults.JobMatch, job: Job): boolean =>
  typeof match === "string"
    ? match === job.request.prompt
    : match({
        id: job.id,
        kind: job.kind,
        prompt: job.request.prompt ?? "",
        models: job.request.models,
        n: job.request.n,
        account: job.owner.account.role
      })

/** Whether a rule with this fault applies to the job. Each call that returns true counts as one application. */
export const apply = (world: World, job: Job, fault: Faults.JobTrouble["_tag"]): boolean => {
  for (const state of world.rules) {
    if (state.rule._tag !== "JobRule") continue
    const { match, trouble } = state.rule
    if (trouble._tag !== fault) continue
    if ("times" in trouble && trouble.times !== undefined && state.applied >= trouble.times) continue
    if (!matches(match, job)) continue
    state.applied++
    return true
  }
  return false
}
