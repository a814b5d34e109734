/**
 * The server's broom, once a minute from its start. It rests while there is no job, so that a clock that jumps by years
 * does not sweep an empty floor for each minute of them.
 */

import * as Store from "../routes/pictureStore.js"
import type { World } from "../state/world.js"
import * as OwnWorkers from "./builtInWorkers.js"
import * as Job from "./lifeCycle.js"

const period = 60_000

export const arm = (world: World): void => {
  if (world.sweepDue || world.live.size === 0) return
  world.sweepDue = true
  const due = world.startedAt + (Math.floor((world.now - world.startedAt) / period) + 1) * period
  world.schedule(due, () => {
    world.sweepDue = false
    Job.sweep(world)
    Store.prune(world)
    OwnWorkers.wake(world)
    arm(world)
  })
}
