/**
 * The built-in workers that a server starts with.
 */
import * as BuiltInWorkers from "../jobs/builtInWorkers.js"
import type { JobKind } from "../jobs/kind.js"
import type { Types } from "../state/kind.js"
import type { Options, WorkerOptions } from "../state/options.js"
import type { World } from "../state/world.js"
import { image } from "./image/kind.js"

const isList = (options: WorkerOptions | ReadonlyArray<WorkerOptions>): options is ReadonlyArray<WorkerOptions> =>
  Array.isArray(options)

const workersOf = (options: Options["worker"]): ReadonlyArray<WorkerOptions> => {
  if (options === false) return []
  if (options === undefined) return [{}]
  return isList(options) ? options : [options]
}

const addAll = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  options: Options["worker"],
  { models, name }: BuiltInWorkers.Defaults
): void => {
  for (const [index, worker] of workersOf(options).entries()) {
    BuiltInWorkers.add(world, kind, worker, { models, name: index === 0 ? name : `${name} ${index + 1}` })
  }
}

const imageModels = [
  "stable_diffusion",
  "Deliberate",
  "Fustercluck",
  "AlbedoBase XL (SDXL)",
  "Flux.1-Schnell fp8 (Compact)"
]

export const addBuiltInWorkers = (world: World, options: Options): void => {
  addAll(world, image, options.worker, { name: "embedded", models: imageModels })
}
