/**
 * The handlers on the side of clients: submit, status and cancel of every kind of jobs, and the recorded request.
 */
import type { Limit } from "effect-horde/Endpoint"
import { requiredKey } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import type { Incoming } from "../http/incoming.js"
import type { Endpoint, Handler, RouteContext } from "../http/route.js"
import type { JobKind } from "../jobs/kind.js"
import * as LifeCycle from "../jobs/lifeCycle.js"
import * as Submission from "../jobs/submission.js"
import { checkApiKey } from "../jobs/submitter.js"
import type { Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import * as Pool from "../state/pool.js"
import { statedIp } from "../state/proxies.js"
import { refuse } from "../state/refusal.js"
import type { World } from "../state/world.js"

/** The bodies of a kind: its requests, and the replies about its jobs. */
interface Bodies<T extends Types> {
  readonly request: (world: World, incoming: Incoming) => T["request"]
  readonly accepted: (job: Job<T>) => unknown
  readonly status: (world: World, job: Job<T>) => unknown
}

/** The job in the path. Jobs of other kinds are unknown. */
export const findJob = <T extends Types>(kind: JobKind<T>, { params, world }: RouteContext): Job<T> =>
  Pool.find(kind.poolOf(world), params["id"] ?? "") ?? refuse(404, "RequestNotFound", "There is no such request")

interface ClientSide {
  readonly submit: Handler
  readonly status: Handler
  readonly cancel: Handler
}

export const clientSide = <T extends Types>(kind: JobKind<T>, bodies: Bodies<T>): ClientSide => ({
  submit: (context) => {
    const { incoming, world } = context
    const request = bodies.request(world, incoming)
    const apiKey = requiredKey(incoming)
    const submission = {
      request,
      apiKey,
      clientAgent: incoming.headers["client-agent"],
      ip: statedIp(world, incoming.headers, incoming.ip)
    }
    if (request.dryRun) return maskedJson(incoming, 200, { kudos: Submission.price(world, kind, submission) })
    const job = Submission.submit(world, kind, submission)
    context.requestId = job.id
    return maskedJson(incoming, 202, bodies.accepted(job))
  },
  status: (context) => maskedJson(context.incoming, 200, bodies.status(context.world, findJob(kind, context))),
  /** The reply shows the job before the cancel. */
  cancel: (context) => {
    const { incoming, world } = context
    const job = findJob(kind, context)
    const reply = maskedJson(incoming, 200, bodies.status(world, job))
    LifeCycle.cancel(world, kind, job)
    return reply
  }
})

/** Replies with the recorded request of a job to the API key that submitted it. */
export const recordedRequest =
  <T extends Types>(kind: JobKind<T>, submitted: (world: World, job: Job<T>) => unknown): Handler =>
  (context) => {
    const { incoming, world } = context
    const apiKey = requiredKey(incoming)
    const job = findJob(kind, context)
    checkApiKey(world, job, apiKey)
    return maskedJson(incoming, 200, submitted(world, job), { "cache-control": "private, no-store" })
  }

/** All callers without an API key share one bucket, so it is larger than that of an account. */
export const anonymousLimits = ({ limits }: Endpoint): ReadonlyArray<Limit> =>
  limits.map((limit) => (limit.key === "apiKey" ? { max: 60, per: "1 second", key: "apiKey" } : limit))
