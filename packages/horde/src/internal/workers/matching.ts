/** Which workers could take a request, by what they report about themselves. */
import type { GenerationInputStable } from "../image/models/request.js"
import type { WorkerDetails } from "./models.js"

/**
 * What a request for images needs of a worker: a request without its prompt.
 *
 * @since 0.1.0
 * @category models
 */
export type ImageNeeds = Omit<GenerationInputStable, "prompt">

/** The model of requests that name none. */
const defaultModel = "stable_diffusion"

const isListed = ({ id, name }: WorkerDetails, { worker_blacklist = false, workers = [] }: ImageNeeds): boolean =>
  workers.length === 0 || workers.some((worker) => worker === id || worker === name) !== worker_blacklist

const serves = (worker: WorkerDetails, { models = [defaultModel] }: ImageNeeds): boolean =>
  models.length === 0 || models.some((model) => worker.models?.includes(model))

const isLargeEnough = ({ max_pixels = 0 }: WorkerDetails, { params = {} }: ImageNeeds): boolean =>
  (params.width ?? 512) * (params.height ?? 512) <= max_pixels

const isPainting = ({ source_processing = "" }: ImageNeeds): boolean => source_processing.endsWith("painting")

const hasFeatures = (worker: WorkerDetails, needs: ImageNeeds): boolean => {
  const { control_type, loras = [], post_processing = [] } = needs.params ?? {}
  return (
    (needs.source_image === undefined || worker.img2img === true) &&
    (!isPainting(needs) || worker.painting === true) &&
    (post_processing.length === 0 || worker["post-processing"] === true) &&
    (loras.length === 0 || worker.lora === true) &&
    (control_type === undefined || worker.controlnet === true) &&
    (needs.nsfw === false || worker.nsfw === true) &&
    (needs.trusted_workers !== true || worker.trusted === true)
  )
}

const isOnline = ({ maintenance_mode, online, paused }: WorkerDetails): boolean =>
  online !== false && maintenance_mode !== true && paused !== true

/** Whether a worker could take a request for images. The server has further rules, such as speed and blocked prompts. */
export const couldTake = (worker: WorkerDetails, needs: ImageNeeds): boolean =>
  isOnline(worker) &&
  isListed(worker, needs) &&
  serves(worker, needs) &&
  isLargeEnough(worker, needs) &&
  hasFeatures(worker, needs)
