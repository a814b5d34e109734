/**
 * Adds fault rules to a running server and removes them, with their immediate effects on jobs.
 */
import type * as Faults from "../../Faults.js"
import * as JobFaults from "../faults/jobFaults.js"
import * as FaultRule from "../state/faultRule.js"
import type { World } from "../state/world.js"
import * as BuiltInWorkers from "./builtInWorkers.js"

/** Adds rules. Existing jobs that one of them makes vanish are forgotten at once. */
export const script = (world: World, rules: ReadonlyArray<Faults.Rule>): void => {
  world.rules.push(...rules.map(FaultRule.start))
  for (const job of world.live) if (JobFaults.apply(world, job, "Vanish")) world.forget(job)
}

/** Removes all rules. Built-in workers poll again for the jobs that a rule kept from them. */
export const clear = (world: World): void => {
  world.rules = []
  BuiltInWorkers.wake(world)
}
