/**
 * The workers of every kind, with the fields of their details in which kinds differ.
 */
import * as Python from "../python/values.js"
import type { Worker } from "../state/worker.js"
import type { World } from "../state/world.js"
import * as AlchemyView from "./alchemy/workerView.js"
import * as ImageView from "./image/workerView.js"
import * as TextView from "./text/workerView.js"

/** The names of the types in requests and replies. */
type WorkerType = "image" | "text" | "interrogation"

export interface ListedWorker {
  readonly type: WorkerType
  readonly worker: Worker
  /** The unit of its work per second. */
  readonly unit: string
  readonly details: () => Readonly<Record<string, unknown>>
}

export const listWorkers = ({ alchemy, image, text }: World): ReadonlyArray<ListedWorker> => [
  ...image.workers.map((worker) => ({
    type: "image" as const,
    worker,
    unit: "megapixelsteps",
    details: () => ImageView.details(worker)
  })),
  ...text.workers.map((worker) => ({
    type: "text" as const,
    worker,
    unit: "tokens",
    details: () => TextView.details(worker)
  })),
  ...alchemy.workers.map((worker) => ({
    type: "interrogation" as const,
    worker,
    unit: "forms",
    details: () => AlchemyView.details(worker)
  }))
]

/** A worker by its id in any form that Python reads. */
export const findWorker = (world: World, id: string): ListedWorker | undefined => {
  const uuid = Python.uuid(id)
  return listWorkers(world).find(({ worker }) => worker.id === uuid)
}
