/**
 * Moderation of prompts: applies the filters to requests, and records evidence for moderators.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { Attempt } from "../state/job.js"
import type { JobRequest } from "../state/kind.js"
import type { PromptEvent } from "../state/promptEvent.js"
import { suspiciousLevel } from "../state/promptFilters.js"
import { refuse, refuseRequest } from "../state/refusal.js"
import type { World } from "../state/world.js"

/** The account and the IP address of a request. */
export interface Sender {
  readonly user: Account.User
  readonly ip: string
}

/** The longest prompt whose matches can be replaced. */
const maxReplaced = 7000

type Circumstances = Pick<PromptEvent, "reason" | "outcome" | "ip" | "requestId" | "workerId">

const record = (world: World, user: Account.User, request: JobRequest, circumstances: Circumstances): void => {
  const { models, prompt = "", proxiedAccount } = request
  const id = world.promptEvents.length + 1
  world.promptEvents.push({ id, at: world.now, user, prompt, models, proxiedAccount, notes: [], ...circumstances })
}

/** Records a refused prompt as evidence, and as a suspicion of its account. Moderators may try out filters. */
const report = (world: World, { ip, user }: Sender, request: JobRequest): void => {
  if (Account.isModerator(user)) return
  user.suspicion++
  record(world, user, request, {
    reason: "filter_rejection",
    outcome: "rejected",
    ip,
    requestId: undefined,
    workerId: undefined
  })
}

/** Records the prompt of a generation that a worker censored as abuse of children. */
export const reportAbuse = (world: World, { job, worker }: Attempt): void =>
  record(world, job.owner, job.request, {
    reason: "worker_csam",
    outcome: "censored",
    ip: undefined,
    requestId: job.id,
    workerId: worker.id
  })

/** The prompt that the job runs with: unchanged, or with the filtered parts replaced if the request allows that. */
export const moderatedPrompt = (
  world: World,
  sender: Sender,
  request: JobRequest & { readonly prompt: string; readonly replacementFilter: boolean }
): string => {
  const { prompt, replacementFilter } = request
  const refusedByOption = world.settings.corruptPrompt(prompt)
  if (!refusedByOption && world.filters.suspicionOf(prompt, world.now).level < suspiciousLevel) return prompt
  if (replacementFilter && Python.length(prompt) > maxReplaced) {
    refuseRequest("The prompt is too long for the replacement filter")
  }
  const replaced = replacementFilter && !refusedByOption ? world.filters.replace(prompt, world.now) : undefined
  if (replaced !== undefined) return replaced
  report(world, sender, request)
  return refuse(400, "CorruptPrompt", "This prompt was filtered")
}
