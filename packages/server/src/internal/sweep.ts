/**
 * The server's broom, once a minute from its start. It rests while there is no job, so that a clock that jumps by years
 * does not sweep an empty floor for each minute of them.
 */
import * as Job from "./job.js"
import * as OwnWorkers from "./ownWorkers.js"
import * as Store from "./store.js"
import type { World } from "./world.js"

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
