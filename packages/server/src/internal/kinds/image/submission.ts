/**
 * Submits an image request: all checks in the order of the real server, then a price or a job.
 */
import * as BuiltInWorkers from "../../jobs/builtInWorkers.js"
import * as Kudos from "../../jobs/kudos.js"
import * as LifeCycle from "../../jobs/lifeCycle.js"
import * as Queue from "../../jobs/queue.js"
import * as Sweep from "../../jobs/sweep.js"
import * as Account from "../../state/account.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import type { Job } from "../../state/job.js"
import { refuse } from "../../state/refusal.js"
import type { World } from "../../state/world.js"
import { checkCombinations } from "./combinations.js"
import * as Payer from "./payer.js"
import { checkPermissions } from "./permissions.js"
import { checkSources, checkStorable } from "./storability.js"

const oneDay = 86_400_000

export interface Submission {
  readonly request: ImageRequest
  readonly apiKey: string
  readonly clientAgent: string | undefined
  readonly ip: string
}

/** The example of the real server's documentation, which it refuses. */
const bannedAgent = "My-Project:v0.0.1:My-Contact"

/** The fields that a price depends on: the key of the price cache. */
const priceKey = (request: ImageRequest): string =>
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

const check = (
  world: World,
  { apiKey, clientAgent, ip, request }: Submission
): Payer.Payer & { request: ImageRequest } => {
  if (request.style !== undefined) refuse(404, "StyleNotFound", "There is no such style")
  if (world.settings.maintenance) refuse(400, "MaintenanceMode", "The horde is in maintenance, please try later")
  if (request.webhook !== undefined && !request.webhook.startsWith("https://")) {
    refuse(400, "BadRequest", "A webhook must start with https://")
  }
  const payer = Payer.find(world, apiKey, request)
  checkPermissions(world, payer.user, request)
  checkCombinations(request)
  if (clientAgent === bannedAgent) refuse(403, "BannedClientAgent", "The Client-Agent of the documentation is banned")
  if (Account.isTrusted(payer.user) || payer.user.account.education === true) {
    world.trustedUntil.set(ip, world.now + oneDay)
  }
  checkStorable(request)
  return Payer.checkKudos(world, payer, request)
}

/** The price of the job. A cached price is returned without any check. */
export const price = (world: World, submission: Submission): number => {
  const key = priceKey(submission.request)
  const cached = world.prices.get(key, world.now)
  if (cached !== undefined) return cached
  check(world, submission)
  const price = Kudos.dryRun(submission.request)
  world.prices.set(key, price, world.now + 2 * oneDay)
  return price
}

/** The last checks. The real server has stored the request by then, and keeps it when one of them fails. */
const checkStored = (world: World, { sharedKey, user }: Payer.Payer, request: ImageRequest): void => {
  try {
    Payer.checkJobLimits(sharedKey, request)
    checkSources(request)
  } catch (refusal) {
    const { models, n } = request
    world.refusedRequests.push({ owner: user, models, pictures: n, expiresAt: world.now + LifeCycle.lifetime })
    throw refusal
  }
}

export const submit = (world: World, submission: Submission): Job => {
  const checked = check(world, submission)
  checkStored(world, checked, checked.request)
  const job = LifeCycle.create(world, checked.user, checked.sharedKey, checked.request, checked.downgraded)
  Queue.canBeServed(world, job)
  BuiltInWorkers.wake(world)
  Sweep.schedule(world)
  return job
}

const noWorker = "No worker that is online can do this at the moment"

/** The body of the 202 reply. */
export const accepted = (job: Job): Readonly<Record<string, unknown>> => {
  const kudos = Kudos.estimate(job.request)
  if (job.possible.verdict) return { id: job.id, kudos }
  return { id: job.id, kudos, message: noWorker, warnings: [{ code: "NoAvailableWorker", message: noWorker }] }
}
