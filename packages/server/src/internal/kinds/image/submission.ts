/**
 * `POST /v2/generate/async`: the checks in the server's order, then the job.
 */

import { type RouteContext, requiredKey } from "../../http/context.js"
import * as Mask from "../../http/fieldMask.js"
import { type Answer, json, refuse, refuseNul, trip } from "../../http/reply.js"
import * as OwnWorkers from "../../jobs/builtInWorkers.js"
import * as Kudos from "../../jobs/kudos.js"
import * as Job from "../../jobs/lifeCycle.js"
import * as Queue from "../../jobs/queue.js"
import * as Sweep from "../../jobs/sweep.js"
import { validBody } from "../../python/jsonSchema.js"
import * as Python from "../../python/values.js"
import * as Account from "../../state/account.js"
import type { User, World } from "../../state/world.js"
import * as Payer from "./payer.js"
import * as ImageRequest from "./request.js"
import { checkImage } from "./rules.js"
import { checkImageRequest, paramNames } from "./schema.js"

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

/** The anonymous account is everybody's, so its pictures are counted for each model alone. */
const waitingOf = (world: World, user: User, { models }: Request): number => {
  const counts = (owner: User, others: ReadonlyArray<string>): boolean =>
    owner === user && (!Account.isAnonymous(user) || others.some((model) => models.includes(model)))
  let waiting = 0
  for (const job of world.live.values()) {
    if (!job.faulted && counts(job.owner, job.request.models)) waiting += Job.waiting(job)
  }
  world.refusedRequests = world.refusedRequests.filter(({ expiresAt }) => expiresAt > world.now)
  for (const { models, owner, pictures } of world.refusedRequests) if (counts(owner, models)) waiting += pictures
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
    if (!world.workers.some((worker) => worker.id === Python.uuid(id)))
      refuse(404, "WorkerNotFound", `There is no worker ${id}`)
  }
  if (request.disableBatching && request.n > 1 && !Account.isTrusted(user)) {
    refuse(400, "RequiresTrust", "Switching batching off needs a trusted account")
  }
  const most = Account.concurrency(user)
  if (waitingOf(world, user, request) + request.n > most) {
    refuse(429, "TooManyPrompts", `No more than ${most} pictures may wait at once`)
  }
  if (!world.settings.corruptPrompt(request.prompt)) return
  if (request.replacementFilter && Python.length(request.prompt) > 7000) {
    refuse(400, "BadRequest", "The prompt is too long for the replacement filter")
  }
  refuse(400, "CorruptPrompt", "This prompt was filtered")
}

/** The example in the server's own documentation, which some clients send as it stands. */
const bannedAgent = "My-Project:v0.0.1:My-Contact"

const numbersIn = (value: unknown): ReadonlyArray<number> => {
  if (typeof value === "number") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** The database cannot store NUL in a text; NaN and infinity, which its JSON does not have, break the statement. */
const checkStorable = ({ extraSources, models, params, prompt, proxiedAccount, webhook }: Request): void => {
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => paramNames.has(name)))
  refuseNul([prompt, known, models, proxiedAccount, webhook])
  if (!numbersIn([known, extraSources]).every(Number.isFinite)) trip()
}

const signatures = ["89504e47", "ffd8ff", "47494638", "52494646", "424d", "49492a00", "4d4d002a"]

/** Python leaves out what is not base64, so that a `data:` address is no picture. */
const firstBytes = (base64: string): string => {
  const significant = base64.slice(0, 256).replace(/[^A-Za-z0-9+/]/g, "")
  return Buffer.from(significant, "base64").toString("hex")
}

/** A picture by its first bytes; links are not followed, since this server fetches nothing. */
const checkSource = (source: string | undefined): void => {
  if (source === undefined || source.startsWith("http")) return
  const start = firstBytes(source)
  const known = signatures.some((signature) => start.startsWith(signature)) || start.slice(8, 16) === "66747970"
  if (!known) refuse(400, "ImageValidationFailed", "The source image could not be decoded")
}

const checkSources = ({ extraSources, sourceImage, sourceMask }: Request): void => {
  checkSource(sourceImage)
  checkSource(sourceMask)
  for (const { image } of extraSources ?? []) checkSource(typeof image === "string" ? image : trip())
}

const lifetime = 20 * 60_000

/** The real server has stored the request by now. It does not take it back when these checks fail. */
const checkStored = (world: World, { sharedKey, user }: Payer.Payer, request: Request): void => {
  try {
    Payer.checkJobLimits(sharedKey, request)
    checkSources(request)
  } catch (refusal) {
    const { models, n } = request
    world.refusedRequests.push({ owner: user, models, pictures: n, expiresAt: world.now + lifetime })
    throw refusal
  }
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
  checkStorable(request)
  const settled = Payer.checkKudos(world, asked, request)
  if (request.dryRun) {
    const price = Kudos.dryRun(request)
    world.prices.set(priceKey(request), price, world.now + twoDays)
    return json(200, Mask.apply(mask, { kudos: price }))
  }
  checkStored(world, settled, settled.request)

  const job = Job.create(world, settled.user, settled.sharedKey, settled.request, settled.downgraded)
  context.requestId = job.id
  job.possible = { verdict: Queue.servable(world, job), until: world.now + 60_000 }
  OwnWorkers.wake(world)
  Sweep.arm(world)
  return json(202, Mask.apply(mask, accepted(job)))
}
