/**
 * `GET /v2/generate/request/{id}`: what a job was asked for with, for the key that submitted it. Newer servers only.
 */

import { type RouteContext, requiredKey, sharedKeyOf, unknownCaller, userOf } from "../../http/context.js"
import * as Mask from "../../http/fieldMask.js"
import { type Answer, json, refuse } from "../../http/reply.js"
import type { Job } from "../../jobs/lifeCycle.js"
import { find } from "../../routes/images.js"
import * as Account from "../../state/account.js"
import type { World } from "../../state/world.js"
import type { ImageRequest } from "./request.js"
import { paramNames } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

const notTheirs = (): never => refuse(403, "NotRequestOwner", "This request was submitted with another API key")

/** A shared key reads what it submitted and nothing else; its owner reads that as well. */
const checkKey = (world: World, job: Job, apiKey: string): void => {
  const sharedKey = sharedKeyOf(world, apiKey)
  if (sharedKey !== undefined) {
    if (sharedKey !== job.sharedKey) notTheirs()
    return
  }
  const caller = userOf(world, apiKey) ?? unknownCaller()
  if (Account.isAnonymous(caller)) refuse(403, "AnonForbidden", "The anonymous account is not told what it asked for")
  if (caller !== job.owner) notTheirs()
}

const ofThese = (fields: Fields, names: ReadonlySet<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)))

/** What was sent, over the server's defaults. What a downgrade or a control type took away is gone. */
const params = ({ cfgScale, height, karras, n, params, samplerName, steps, width }: ImageRequest): Fields => ({
  n,
  cfg_scale: cfgScale,
  sampler_name: samplerName,
  karras,
  ...ofThese(params, paramNames),
  width,
  height,
  steps
})

/** Kept as they came, and absent where nothing came. */
const asSent = new Set(["proxied_account", "webhook", "template_fields"])

/** Pictures went into a store of the server's own. */
const sources = (world: World, job: Job): Fields => {
  const reference = (name: string): string => `${world.origin}/sources/${job.id}_${name}.webp`
  const { extraSources, sourceImage, sourceMask } = job.request
  return {
    ...(sourceImage === undefined ? {} : { source_image: reference("src") }),
    ...(sourceMask === undefined ? {} : { source_mask: reference("msk") }),
    ...(extraSources === undefined
      ? {}
      : {
          extra_source_images: extraSources.map((source, index) => ({
            ...source,
            image: reference(`esi_${index}`)
          }))
        })
  }
}

/** The prompt as it came, before anything was done to it. What only steers the submit is not kept. */
const recorded = (world: World, job: Job): Fields => {
  const { request } = job
  return {
    prompt: request.prompt,
    params: params(request),
    nsfw: request.nsfw,
    trusted_workers: request.trustedWorkers,
    validated_backends: request.body["validated_backends"] ?? false,
    slow_workers: request.slowWorkers,
    extra_slow_workers: request.extraSlowWorkers,
    censor_nsfw: request.censorNsfw,
    workers: request.workers.slice(0, 5),
    worker_blacklist: request.workerBlacklist,
    models: request.models,
    ...sources(world, job),
    source_processing: request.sourceProcessing,
    r2: request.r2,
    shared: false,
    disable_batching: request.disableBatching,
    ...ofThese(request.body, asSent)
  }
}

export const submitted = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const apiKey = requiredKey(context)
  const job = find(context)
  checkKey(world, job, apiKey)
  const body = Mask.apply(incoming.headers["x-fields"], recorded(world, job))
  return json(200, body, { "cache-control": "private, no-store" })
}
