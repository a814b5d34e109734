/**
 * Scripted faults of requests: which rules apply to a request.
 */
import type * as Faults from "../../Faults.js"
import type { RuleState } from "../state/faultRule.js"
import type { World } from "../state/world.js"

type Latency = Extract<Faults.Action, { readonly _tag: "Latency" }>

export interface RequestFaults {
  readonly delays: ReadonlyArray<Latency["duration"]>
  readonly action: Exclude<Faults.Action, Latency> | undefined
}

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

/** Delays add up. Of the other rules only the first match applies, and only its counter advances. */
export const forRequest = (world: World, request: Faults.Request): RequestFaults => {
  const delays: Array<Latency["duration"]> = []
  let action: RequestFaults["action"]
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
