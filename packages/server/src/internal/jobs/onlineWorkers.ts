/**
 * The workers that are online.
 */
import type { Types } from "../state/kind.js"
import type { Pool } from "../state/pool.js"
import * as Worker from "../state/worker.js"
import type { World } from "../state/world.js"

export const isOnline = (world: World, worker: Worker.Worker): boolean => Worker.isOnline(worker, world.now)

export const onlineWorkers = <T extends Types>(world: World, { workers }: Pool<T>): ReadonlyArray<Worker.Worker<T>> =>
  workers.filter((worker) => isOnline(world, worker))
