/**
 * The workers that are online.
 */
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"

export const isOnline = (world: World, worker: Worker): boolean => worker.onlineUntil > world.now

export const onlineWorkers = (world: World): ReadonlyArray<Worker> =>
  world.workers.filter((worker) => isOnline(world, worker))
