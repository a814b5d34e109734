/**
 * `POST /v2/generate/async`: the checks in the server's order, then the job.
 */
import * as Account from "./account.js"
import { type RouteContext, requiredKey } from "./context.js"
import * as ImageRequest from "./imageRequest.js"
import { checkImageRequest } from "./imageSchema.js"
import * as Job from "./job.js"
import { validBody } from "./jsonSchema.js"
import * as Kudos from "./kudos.js"
import * as Mask from "./mask.js"
import * as OwnWorkers from "./ownWorkers.js"
import * as Payer from "./payer.js"
import * as Queue from "./queue.js"
import { type Answer, json, refuse } from "./reply.js"
import * as Sweep from "./sweep.js"
import type { User, World } from "./world.js"

type Request = ImageRequest.ImageRequest

const twoDays = 2 * 86_400_000
const oneDay = 86_400_000

/** What the price depends on, and nothing else: the key of the price cache. */
const priceKey = (request: Request): string =>
  JSON.stringify([
    request.width,
    request.height,
    request.steps,
    request.n,
    request.models,
    request.samplerName,
    request.slowWorkers,
    request.workerBlacklist,
    request.sourceImage !== undefined,
    request.postProcessing,
    request.loras,
    request.tis
  ])

const waitingOf = (world: World, user: User): number => {
  let waiting = 0
  for (const job of world.live.values()) if (job.owner === user && !job.faulted) waiting += Job.waiting(job)
  return waiting
}

const checkCommon = (world: World, user: User, request: Request): void => {
  if (request.proxiedAccount !== undefined) {
    refuse(400, "OnlyServiceAccountProxy", "Only service accounts may act for others")
  }
  if (request.extraSourceImages > 5) refuse(400, "TooManyExtraSourceImages.", "At most 5 extra source images")
  if (request.extraSourceImages > 1 && !Account.isTrusted(user)) {
    refuse(400, "MoreThanMinExtraSourceImage.", "More than one extra source image needs a trusted account")
  }
  for (const id of request.workers) {
    if (!world.workers.some((worker) => worker.id === id)) refuse(404, "WorkerNotFound", `There is no worker ${id}`)
  }
  if (request.disableBatching && request.n > 1 && !Account.isTrusted(user)) {
    refuse(400, "RequiresTrust", "Switching batching off needs a trusted account")
  }
  const most = Account.concurrency(user)
  if (waitingOf(world, user) + request.n > most) {
    refuse(429, "TooManyPrompts", `No more than ${most} pictures may wait at once`)
  }
  if (world.settings.corruptPrompt(request.prompt)) refuse(400, "CorruptPrompt", "This prompt was filtered")
  if (request.replacementFilter && request.prompt.length > 7000) {
    refuse(400, "BadRequest", "The prompt is too long for the replacement filter")
  }
}

const plainProcessors = new Set(["GFPGAN", "CodeFormers", "strip_background", "GFPGANv1.3", "RestoreFormer"])

const checkImage = (request: Request): void => {
  if (request.loras > 5) refuse(400, "TooManyLoras", "At most 5 LoRAs")
  if (request.tis > 20) refuse(400, "TooManyTIs", "At most 20 textual inversions")
  if (request.prompt.split(/\s+/).length > 7500) refuse(400, "InvalidPromptSize", "At most 7500 words")
  if (request.postProcessing.filter((name) => !plainProcessors.has(name)).length > 1) {
    refuse(400, "TooManyUpscalers", "At most one upscaler")
  }
  if (Math.abs(request.cfgScale * 100 - Math.round(request.cfgScale * 100)) > 1e-6) {
    refuse(400, "BadCFGDecimals", "The guidance scale may have two decimals")
  }
  if (request.sourceMask !== undefined && request.sourceImage === undefined) {
    refuse(400, "SourceMaskUnnecessary", "A mask needs a source image")
  }
  if (request.controlType !== undefined && request.sourceImage === undefined) {
    refuse(400, "ControlNetSourceMissing", "A control type needs a source image")
  }
}

/** The example in the server's own documentation, which some clients send as it stands. */
const bannedAgent = "My-Project:v0.0.1:My-Contact"

/** A row with a NUL byte in its text cannot be stored. */
const checkText = (request: Request): void => {
  for (const text of [request.prompt, request.seed, ...request.models]) {
    if (text?.includes("\u0000") === true) refuse(400, "NulByteInPayload", "Text must not contain NUL bytes")
  }
}

const signatures = ["89504e47", "ffd8ff", "47494638", "52494646", "424d", "49492a00", "4d4d002a"]

/** A picture by the look of its first bytes; links are taken at their word, since this server fetches nothing. */
const checkSource = (source: string | undefined): void => {
  if (source === undefined || source.startsWith("http")) return
  const start = Buffer.from(source.replace(/^data:[^,]*,/, "").slice(0, 64), "base64").toString("hex")
  const known = signatures.some((signature) => start.startsWith(signature)) || start.slice(8, 16) === "66747970"
  if (!known) refuse(400, "ImageValidationFailed", "The source image could not be decoded")
}

const noWorker = "No worker that is online can do this at the moment"

const accepted = (job: Job.Job): Readonly<Record<string, unknown>> => {
  const kudos = Kudos.estimate(job.request)
  if (job.possible.verdict) return { id: job.id, kudos }
  return { id: job.id, kudos, message: noWorker, warnings: [{ code: "NoAvailableWorker", message: noWorker }] }
}

export const submit = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const request = ImageRequest.fromBody(validBody(context, checkImageRequest))
  const apiKey = requiredKey(context)

  const mask = incoming.headers["x-fields"]
  const known = request.dryRun ? world.prices.get(priceKey(request), world.now) : undefined
  if (known !== undefined) return json(200, Mask.apply(mask, { kudos: known }))

  if (request.style !== undefined) refuse(404, "StyleNotFound", "There is no such style")
  if (world.settings.maintenance) refuse(400, "MaintenanceMode", "The horde is in maintenance, please try later")
  if (request.webhook !== undefined && !request.webhook.startsWith("https://")) {
    refuse(400, "BadRequest", "A webhook must start with https://")
  }
  const asked = Payer.find(world, apiKey, request)
  checkCommon(world, asked.user, request)
  checkImage(request)
  if (incoming.headers["client-agent"] === bannedAgent) {
    refuse(403, "BannedClientAgent", "Please send a Client-Agent of your own")
  }
  if (Account.isTrusted(asked.user) || asked.user.account.education === true) {
    world.trustedUntil.set(incoming.ip, world.now + oneDay)
  }
  checkText(request)
  const settled = Payer.checkKudos(world, asked, request)
  if (request.dryRun) {
    const price = Kudos.dryRun(request)
    world.prices.set(priceKey(request), price, world.now + twoDays)
    return json(200, Mask.apply(mask, { kudos: price }))
  }
  Payer.checkJobLimits(settled.sharedKey, settled.request)
  checkSource(request.sourceImage)

  const job = Job.create(world, settled.user, settled.sharedKey, settled.request, settled.downgraded)
  context.requestId = job.id
  job.possible = { verdict: Queue.servable(world, job), until: world.now + 60_000 }
  OwnWorkers.wake(world)
  Sweep.arm(world)
  return json(202, Mask.apply(mask, accepted(job)))
}
