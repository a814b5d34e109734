/**
 * The body of the reply to a worker's pop.
 */
import * as Queue from "../../jobs/queue.js"
import type { Image } from "../../state/image.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import type { Attempt } from "../../state/job.js"
import * as Links from "../../state/links.js"
import type { Worker } from "../../state/worker.js"
import type { World } from "../../state/world.js"
import { image } from "./kind.js"
import { paramNames } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

/** The payload without a job: the published defaults, which differ from those that the server applies to jobs. */
const emptyPayload = {
  ddim_steps: 30,
  n_iter: 1,
  image_is_control: false,
  return_control_map: false,
  sampler_name: "k_euler_a",
  cfg_scale: 7.5,
  height: 512,
  width: 512,
  karras: false,
  tiling: false,
  hires_fix: false,
  transparent: false
}

/** The counters that a reply contains even if they are 0. */
const alwaysCounted: ReadonlyArray<string> = [
  "unsafe_ip",
  "img2img",
  "painting",
  "post-processing",
  "lora",
  "controlnet",
  "worker_id",
  "performance",
  "nsfw",
  "untrusted",
  "models",
  "bridge_version"
]

const withoutWork = (world: World, worker: Worker<Image>): Fields => ({
  payload: emptyPayload,
  id: null,
  ids: [],
  ttl: null,
  skipped: {
    ...Object.fromEntries(alwaysCounted.map((reason) => [reason, 0])),
    ...Object.fromEntries(Queue.skipped(world, image, worker))
  },
  model: null,
  source_image: null,
  source_processing: "img2img",
  source_mask: null,
  extra_source_images: null,
  r2_upload: null,
  r2_uploads: null
})

/** Adds the published defaults to the items of a list; some differ from those that the server applies to requests. */
const withDefaults = (items: ReadonlyArray<Fields> | undefined, defaults: Fields): ReadonlyArray<Fields> | undefined =>
  items?.map((item) => ({ ...defaults, ...item }))

const isForWorkers = (name: string): boolean => paramNames.has(name) && name !== "n" && name !== "steps"

/** The request for a worker: the server's defaults, and the parameters that only workers use as received. */
const payload = (request: ImageRequest, seed: number, pictures: number): Fields => {
  const { loras, tis } = request.params
  const params = Object.entries(request.params).filter(
    ([name]) => isForWorkers(name) && name !== "loras" && name !== "tis"
  )
  return {
    image_is_control: false,
    return_control_map: false,
    tiling: false,
    hires_fix: false,
    transparent: false,
    ...Object.fromEntries(params),
    ...(loras === undefined ? {} : { loras: withDefaults(loras, { model: 1, clip: 1, is_version: false }) }),
    ...(tis === undefined ? {} : { tis: withDefaults(tis, { strength: 1 }) }),
    prompt: request.prompt,
    ddim_steps: request.steps,
    n_iter: pictures,
    seed: String(seed),
    sampler_name: request.samplerName,
    cfg_scale: request.cfgScale,
    height: request.height,
    width: request.width,
    karras: request.karras,
    ...(!request.nsfw && request.censorNsfw ? { use_nsfw_censor: true } : {})
  }
}

const withWork = (world: World, first: Attempt<Image>, attempts: ReadonlyArray<Attempt<Image>>): Fields => {
  const { job, model, overdueAt, seed } = first
  const links = attempts.map(({ id }) => Links.upload(world, id))
  return {
    payload: payload(job.request, seed, attempts.length),
    id: first.id,
    ids: attempts.map(({ id }) => id),
    ttl: Math.floor((overdueAt - world.now) / 1000),
    skipped: {},
    model,
    source_image: job.request.sourceImage ?? null,
    source_processing: job.request.sourceProcessing,
    source_mask: job.request.sourceMask ?? null,
    extra_source_images: withDefaults(job.request.extraSources, { strength: 1 }) ?? null,
    r2_upload: links[0],
    r2_uploads: links
  }
}

/** The attempts that are assigned to the worker, all of one job; without any, the number of skipped jobs by reason. */
export const popped = (world: World, worker: Worker<Image>, attempts: ReadonlyArray<Attempt<Image>>): Fields => {
  const [first] = attempts
  return first === undefined ? withoutWork(world, worker) : withWork(world, first, attempts)
}
