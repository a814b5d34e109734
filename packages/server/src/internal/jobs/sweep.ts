/**
 * The periodic sweep, at every full minute since the start. It is scheduled only while there are jobs, so that a clock
 * that jumps by years does not run millions of empty sweeps.
 */
import type { World } from "../state/world.js"
import * as BuiltInWorkers from "./builtInWorkers.js"
import * as LifeCycle from "./lifeCycle.js"

const period = 60_000

export const schedule = (world: World): void => {
  if (world.sweepScheduled || world.live.length === 0) return
  world.sweepScheduled = true
  const due = world.startedAt + (Math.floor((world.now - world.startedAt) / period) + 1) * period
  world.schedule(due, () => {
    world.sweepScheduled = false
    LifeCycle.sweep(world)
    world.prunePictures()
    BuiltInWorkers.wake(world)
    schedule(world)
  })
}
