/**
 * The built-in workers that a server starts with.
 */
import * as BuiltInWorkers from "../jobs/builtInWorkers.js"
import type { JobKind } from "../jobs/kind.js"
import type { Types } from "../state/kind.js"
import type { Options, WorkerOptions } from "../state/options.js"
import type { World } from "../state/world.js"
import { alchemy } from "./alchemy/kind.js"
import { formNames } from "./alchemy/request.js"
import { image } from "./image/kind.js"
import { text } from "./text/kind.js"

type WorkersOption = Exclude<Options["worker"], undefined>

const isList = (options: WorkerOptions | ReadonlyArray<WorkerOptions>): options is ReadonlyArray<WorkerOptions> =>
  Array.isArray(options)

const workersOf = (options: WorkersOption): ReadonlyArray<WorkerOptions> => {
  if (options === false) return []
  return isList(options) ? options : [options]
}

const addAll = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  options: WorkersOption,
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

/** A worker takes any model of a request that names none, so the smallest one comes first. */
const textModels = ["koboldcpp/LLaMA", "koboldcpp/Llama-3-8B-Instruct", "aphrodite/Mistral-Small-24B-Instruct"]

/** Adds the workers of the options. With `worker: false` there are none of any kind whose own option is not given. */
export const addBuiltInWorkers = (world: World, options: Options): void => {
  const { worker = {} } = options
  const { alchemyWorker = worker && {}, textWorker = worker && {} } = options
  addAll(world, image, worker, { name: "embedded", models: imageModels })
  addAll(world, text, textWorker, { name: "embedded text", models: textModels })
  addAll(world, alchemy, alchemyWorker, { name: "embedded alchemy", models: formNames(world.settings.version) })
}
