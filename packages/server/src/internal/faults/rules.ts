/**
 * Which scripted fault applies to which request or job, and how often it still does.
 */
import * as Utils from "effect/Utils"
import type * as Faults from "../../Faults.js"
import type { Job } from "../jobs/lifeCycle.js"
import type { World } from "../state/world.js"

export interface RuleState {
  readonly rule: Faults.Rule
  readonly random: Utils.PCGRandom
  seen: number
  applied: number
}

export const start = (rule: Faults.Rule): RuleState => ({
  rule,
  random: new Utils.PCGRandom(rule._tag === "RequestRule" ? (rule.match.seed ?? 0) : 0),
  seen: 0,
  applied: 0
})

const applies = (state: RuleState, match: Faults.Match, request: Faults.Request): boolean => {
  if (match.times !== undefined && state.applied >= match.times) return false
  if (match.method !== undefined && match.method !== request.method) return false
  if (match.path !== undefined && match.path !== request.route) return false
  if (match.where !== undefined && !match.where(request)) return false
  state.seen++
  if (match.every !== undefined && state.seen % match.every !== 0) return false
  if (match.probability !== undefined && state.random.number() >= match.probability) return false
  return true
}

export interface Verdict {
  readonly delays: ReadonlyArray<Extract<Faults.Action, { readonly _tag: "Latency" }>["duration"]>
  readonly action: Exclude<Faults.Action, { readonly _tag: "Latency" }> | undefined
}

/** Delays add up; of the other rules the first that matches wins, and only that one is used up. */
export const forRequest = (world: World, request: Faults.Request): Verdict => {
  const delays: Array<Verdict["delays"][number]> = []
  let action: Verdict["action"]
  for (const state of world.rules) {
    if (state.rule._tag !== "RequestRule") continue
    if (state.rule.action._tag !== "Latency" && action !== undefined) continue
    if (!applies(state, state.rule.match, request)) continue
    state.applied++
    if (state.rule.action._tag === "Latency") delays.push(state.rule.action.duration)
    else action = state.rule.action
  }
  return { delays, action }
}

const about = (match: Faults.JobMatch, job: Job): boolean =>
  typeof match === "string"
    ? match === job.request.prompt
    : match({
        id: job.id,
        prompt: job.request.prompt,
        models: job.request.models,
        n: job.request.n,
        account: job.owner.account.role
      })

/** Whether a job is in this kind of trouble; trouble that comes a number of times is used up by asking. */
export const inTrouble = (world: World, job: Job, tag: Faults.JobTrouble["_tag"]): boolean => {
  for (const state of world.rules) {
    if (state.rule._tag !== "JobRule") continue
    const { match, trouble } = state.rule
    if (trouble._tag !== tag) continue
    if ("times" in trouble && trouble.times !== undefined && state.applied >= trouble.times) continue
    if (!about(match, job)) continue
    state.applied++
    return true
  }
  return false
}
