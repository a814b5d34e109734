/**
 * `POST /v2/generate/pop`: a worker from outside asks for pictures to make.
 */

import { required } from "../../http/arguments.js"
import { type RouteContext, requiredKey, unknownCaller, userOf } from "../../http/context.js"
import * as Mask from "../../http/fieldMask.js"
import { type Answer, json, refuse } from "../../http/reply.js"
import type { Attempt } from "../../jobs/lifeCycle.js"
import * as Queue from "../../jobs/queue.js"
import { checkIn } from "../../jobs/registerWorker.js"
import type { Obstacle, Worker } from "../../jobs/workers.js"
import { validBody } from "../../python/jsonSchema.js"
import * as Python from "../../python/values.js"
import * as Account from "../../state/account.js"
import * as Links from "../../state/links.js"
import type { World } from "../../state/world.js"
import type { ImageRequest } from "./request.js"
import { paramNames } from "./schema.js"
import { checkPop } from "./workerSchema.js"

/** What the payload is when there is no job: the documented defaults, which are not the ones that a job gets. */
const defaults = {
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

/** Told in every case. */
const alwaysCounted: ReadonlyArray<Obstacle | "unsafe_ip"> = [
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

const nothing = (world: World, worker: Worker): Readonly<Record<string, unknown>> => ({
  payload: defaults,
  id: null,
  ids: [],
  messages: [],
  ttl: null,
  skipped: {
    ...Object.fromEntries(alwaysCounted.map((reason) => [reason, 0])),
    ...Object.fromEntries(Queue.skipped(world, worker))
  },
  model: null,
  source_image: null,
  source_processing: "img2img",
  source_mask: null,
  extra_source_images: null,
  r2_upload: null,
  r2_uploads: null
})

type Fields = Readonly<Record<string, unknown>>

/** Replies fill the published defaults into the items of a list, here and there other than what a request gets. */
const filledIn = (items: unknown, defaults: Fields): ReadonlyArray<Fields> | undefined =>
  (items as ReadonlyArray<Fields> | undefined)?.map((item) => ({ ...defaults, ...item }))

const ofTheWorker = (name: string): boolean => paramNames.has(name) && name !== "n" && name !== "steps"

/** The request as a worker gets to see it: real defaults filled in, everything that only workers care about as it came. */
const payload = (request: ImageRequest, seed: number, pictures: number): Fields => {
  const { loras, tis, ...params } = Object.fromEntries(
    Object.entries(request.params).filter(([name]) => ofTheWorker(name))
  )
  return {
    image_is_control: false,
    return_control_map: false,
    tiling: false,
    hires_fix: false,
    transparent: false,
    ...params,
    ...(loras === undefined ? {} : { loras: filledIn(loras, { model: 1, clip: 1, is_version: false }) }),
    ...(tis === undefined ? {} : { tis: filledIn(tis, { strength: 1 }) }),
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

const work = (world: World, first: Attempt, attempts: ReadonlyArray<Attempt>): Readonly<Record<string, unknown>> => {
  const { job, model, overdueAt, seed } = first
  const links = attempts.map(({ id }) => Links.upload(world, id))
  return {
    payload: payload(job.request, seed, attempts.length),
    id: first.id,
    ids: attempts.map(({ id }) => id),
    messages: [],
    ttl: Math.floor((overdueAt - world.now) / 1000),
    skipped: {},
    model,
    source_image: job.request.sourceImage ?? null,
    source_processing: job.request.sourceProcessing,
    source_mask: job.request.sourceMask ?? null,
    extra_source_images: filledIn(job.request.extraSources, { strength: 1 }) ?? null,
    r2_upload: links[0],
    r2_uploads: links
  }
}

export const pop = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(context, checkPop)
  const apiKey = requiredKey(context)
  const name = Python.strip(required({ fields: body, floats: new Set() }, "name"))
  const preferred = (body["priority_usernames"] ?? []) as ReadonlyArray<string>
  if (preferred.some((username) => !username.includes("#"))) {
    refuse(400, "InvalidPriorityUsername", "Priority usernames look like name#1")
  }
  const owner = userOf(world, apiKey) ?? unknownCaller()
  if (Account.isAnonymous(owner)) refuse(403, "AnonForbiddenWorker", "The anonymous account cannot have workers")
  const worker = checkIn(world, owner, name, body)
  const attempts = Queue.pop(world, worker, (body["amount"] as number | undefined) ?? 1)
  const [first] = attempts
  context.requestId = first?.job.id
  const answer = first === undefined ? nothing(world, worker) : work(world, first, attempts)
  return json(200, Mask.apply(incoming.headers["x-fields"], answer))
}
