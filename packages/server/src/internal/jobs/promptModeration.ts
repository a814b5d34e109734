/**
 * Applies the filters of prompts to a request.
 */
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { JobRequest } from "../state/kind.js"
import { suspiciousLevel } from "../state/promptFilters.js"
import { refuse } from "../state/refusal.js"
import type { World } from "../state/world.js"

/** The account and the IP address of a request. */
export interface Sender {
  readonly user: Account.User
  readonly ip: string
}

/** The longest prompt whose matches can be replaced. */
const maxReplaced = 7000

/** Records a refused prompt as evidence, and as a suspicion of its account. Moderators may try out filters. */
const report = (world: World, { ip, user }: Sender, request: JobRequest): void => {
  if (Account.isModerator(user)) return
  user.suspicion++
  world.promptEvents.push({
    id: world.promptEvents.length + 1,
    at: world.now,
    user,
    reason: "filter_rejection",
    outcome: "rejected",
    prompt: request.prompt,
    models: request.models,
    proxiedAccount: request.proxiedAccount,
    ip,
    requestId: undefined,
    workerId: undefined,
    notes: []
  })
}

/** The prompt that the job runs with: unchanged, or with the filtered parts replaced if the request allows that. */
export const moderatedPrompt = (
  world: World,
  sender: Sender,
  request: JobRequest & { readonly replacementFilter: boolean }
): string => {
  const { prompt, replacementFilter } = request
  const refusedByOption = world.settings.corruptPrompt(prompt)
  if (!refusedByOption && world.filters.suspicionOf(prompt, world.now).level < suspiciousLevel) return prompt
  if (replacementFilter && Python.length(prompt) > maxReplaced) {
    refuse(400, "BadRequest", "The prompt is too long for the replacement filter")
  }
  const replaced = replacementFilter && !refusedByOption ? world.filters.replace(prompt, world.now) : undefined
  if (replaced !== undefined) return replaced
  report(world, sender, request)
  return refuse(400, "CorruptPrompt", "This prompt was filtered")
}
