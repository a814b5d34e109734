/**
 * A scripted fault rule of a running server, with its counters.
 */
import * as Utils from "effect/Utils"
import type * as Faults from "../../Faults.js"

export interface RuleState {
  readonly rule: Faults.Rule
  readonly random: Utils.PCGRandom
  /** How many requests matched the fields other than `every` and `probability`. */
  seen: number
  applied: number
}

export const start = (rule: Faults.Rule): RuleState => ({
  rule,
  random: new Utils.PCGRandom(rule._tag === "RequestRule" ? (rule.match.seed ?? 0) : 0),
  seen: 0,
  applied: 0
})
