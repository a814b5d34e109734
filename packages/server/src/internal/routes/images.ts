/**
 * Image jobs: submit, check, status, cancel, and the recorded request.
 */
import type { Limit } from "effect-horde/Endpoint"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { requiredKey } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as LifeCycle from "../jobs/lifeCycle.js"
import * as Submission from "../jobs/submission.js"
import { checkApiKey } from "../jobs/submitter.js"
import { image } from "../kinds/image/kind.js"
import { fromBody } from "../kinds/image/request.js"
import { checkImageRequest } from "../kinds/image/schema.js"
import * as StatusView from "../kinds/image/statusView.js"
import * as SubmittedView from "../kinds/image/submittedView.js"
import type { Image } from "../state/image.js"
import type { Job } from "../state/job.js"
import * as Pool from "../state/pool.js"
import { refuse } from "../state/refusal.js"

const submit = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const request = fromBody(validBody(incoming, checkImageRequest))
  const apiKey = requiredKey(incoming)
  const submission = { request, apiKey, clientAgent: incoming.headers["client-agent"], ip: incoming.ip }
  if (request.dryRun) return maskedJson(incoming, 200, { kudos: Submission.price(world, image, submission) })
  const job = Submission.submit(world, image, submission)
  context.requestId = job.id
  return maskedJson(incoming, 202, StatusView.accepted(job))
}

const find = ({ params, world }: RouteContext): Job<Image> =>
  Pool.find(world.image, params["id"] ?? "") ?? refuse(404, "RequestNotFound", "There is no such request")

const check = (context: RouteContext): Answer =>
  maskedJson(context.incoming, 200, StatusView.check(context.world, find(context)))

const status = (context: RouteContext): Answer =>
  maskedJson(context.incoming, 200, StatusView.status(context.world, find(context)))

/** The reply shows the job before the cancel. */
const cancel = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const job = find(context)
  const reply = maskedJson(incoming, 200, StatusView.status(world, job))
  LifeCycle.cancel(world, image, job)
  return reply
}

const submitted = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const apiKey = requiredKey(incoming)
  const job = find(context)
  checkApiKey(world, job, apiKey)
  const body = SubmittedView.submitted(world, job)
  return maskedJson(incoming, 200, body, { "cache-control": "private, no-store" })
}

/** All callers without an API key share one bucket, so it is larger than that of an account. */
const anonymousLimits = ImageGeneration.Submit.declaration.limits.map(
  (limit: Limit): Limit => (limit.key === "apiKey" ? { max: 60, per: "1 second", key: "apiKey" } : limit)
)

export const images: ReadonlyArray<Route> = [
  { endpoint: ImageGeneration.Submit.declaration, handler: submit, anonymousLimits },
  { endpoint: ImageGeneration.Check.declaration, handler: check, namesJob: true, cachedFor: "1 second" },
  { endpoint: ImageGeneration.Status.declaration, handler: status, namesJob: true },
  { endpoint: ImageGeneration.Cancel.declaration, handler: cancel, namesJob: true },
  { endpoint: ImageGeneration.Submitted.declaration, handler: submitted, namesJob: true, since: "newer" }
]
