/**
 * Submits a request: all checks in the order of the real server, then a price or a job.
 */
import * as Account from "../state/account.js"
import type { Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Paid } from "../state/payer.js"
import { refuse, refuseRequest } from "../state/refusal.js"
import type { World } from "../state/world.js"
import * as BuiltInWorkers from "./builtInWorkers.js"
import type { JobKind } from "./kind.js"
import * as LifeCycle from "./lifeCycle.js"
import * as Payer from "./payer.js"
import { checkPermissions } from "./permissions.js"
import * as Queue from "./queue.js"
import * as JobStyle from "./style.js"
import * as Sweep from "./sweep.js"

const oneDay = 86_400_000

export interface Submission<T extends Types> {
  readonly request: T["request"]
  readonly apiKey: string
  readonly clientAgent: string | undefined
  readonly ip: string
}

/** The example of the real server's documentation, which it refuses. */
const bannedAgent = "My-Project:v0.0.1:My-Contact"

const check = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  { apiKey, clientAgent, ip, request: received }: Submission<T>
): Paid<T> => {
  const { request, style } = JobStyle.apply(world, kind, received)
  if (world.modes.maintenance) refuse(400, "MaintenanceMode", "The horde is in maintenance, please try later")
  if (request.webhook !== undefined && !request.webhook.startsWith("https://")) {
    refuseRequest("A webhook must start with https://")
  }
  const payer = Payer.find(world, kind, apiKey, request, style)
  checkPermissions(world, kind, payer.user, request)
  const moderated = kind.moderate(world, { user: payer.user, ip }, request)
  kind.checks.request(request)
  if (clientAgent === bannedAgent) refuse(403, "BannedClientAgent", "The Client-Agent of the documentation is banned")
  if (Account.isTrusted(payer.user) || payer.user.roles.has("education") || payer.user.roles.has("service")) {
    world.trustedUntil.set(ip, world.now + oneDay)
  }
  kind.checks.storable(request)
  const paid = Payer.checkKudos(world, kind, payer, moderated)
  return { ...paid, style, received: style === undefined ? paid.request : received }
}

/** The price of the job. A cached price is returned without any check. */
export const price = <T extends Types>(world: World, kind: JobKind<T>, submission: Submission<T>): number => {
  const { prices } = kind.poolOf(world)
  const key = `${kind.prices.key(submission.request)} ${submission.request.style ?? ""}`
  return prices.getOrMake(key, world.now, 2 * oneDay, () => {
    const { request, style } = check(world, kind, submission)
    return kind.prices.dryRun(style === undefined ? submission.request : request)
  })
}

/** The last checks. The real server has stored the request by then, and keeps it when one of them fails. */
const checkStored = <T extends Types>(world: World, kind: JobKind<T>, paid: Paid<T>): void => {
  try {
    Payer.checkJobLimits(kind, paid)
    kind.checks.stored(paid.request)
  } catch (refusal) {
    const { models, n } = paid.request
    const expiresAt = world.now + LifeCycle.lifetime
    kind.poolOf(world).refusedRequests.push({ owner: paid.user, models, n, expiresAt })
    throw refusal
  }
}

export const submit = <T extends Types>(world: World, kind: JobKind<T>, submission: Submission<T>): Job<T> => {
  const paid = check(world, kind, submission)
  checkStored(world, kind, paid)
  const job = LifeCycle.create(world, kind, paid)
  Queue.canBeServed(world, kind, job)
  BuiltInWorkers.wake(world)
  Sweep.schedule(world)
  return job
}

export const noWorker = "No worker that is online can do this at the moment"
