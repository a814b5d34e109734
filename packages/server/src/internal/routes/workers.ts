/**
 * The side of external workers: pop and submit.
 */
import type { Limit } from "effect-horde/Endpoint"
import { required, requiredKey } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import * as Queue from "../jobs/queue.js"
import { registerWorker } from "../jobs/registerWorker.js"
import * as Delivery from "../kinds/image/delivery.js"
import { popped } from "../kinds/image/popView.js"
import { checkPop, checkSubmit } from "../kinds/image/workerSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import { internalError, refuse, refuseApiKey } from "../state/refusal.js"

const pop = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(incoming, checkPop)
  const apiKey = requiredKey(incoming)
  const name = Python.strip(required("name", body.name))
  if ((body.priority_usernames ?? []).some((username) => !username.includes("#"))) {
    refuse(400, "InvalidPriorityUsername", "Priority usernames must have the form name#1")
  }
  const owner = world.findUser(apiKey) ?? refuseApiKey()
  if (Account.isAnonymous(owner)) refuse(403, "AnonForbiddenWorker", "The anonymous account cannot have workers")
  const worker = registerWorker(world, owner, name, body)
  const attempts = Queue.pop(world, worker, body.amount ?? 1)
  context.requestId = attempts[0]?.job.id
  return maskedJson(incoming, 200, popped(world, worker, attempts))
}

const submit = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const body = validBody(incoming, checkSubmit)
  const apiKey = requiredKey(incoming)
  const generation = required("generation", body.generation)
  const attempt = Delivery.findAttempt(world, body.id) ?? refuse(404, "InvalidJobID", "There is no such running job")
  context.requestId = attempt.job.id
  // The real server is meant to refuse an unknown key, but fails while it does so.
  const caller = world.findUser(apiKey) ?? internalError()
  return maskedJson(incoming, 200, { reward: Delivery.submit(world, attempt, caller, body, generation) })
}

/** All calls of workers from one address, whatever the job. */
const limits: ReadonlyArray<Limit> = [{ max: 60, per: "1 second", key: "endpoint" }]

export const workers: ReadonlyArray<Route> = [
  { endpoint: { method: "POST", path: "/v2/generate/pop", limits }, handler: pop },
  { endpoint: { method: "POST", path: "/v2/generate/submit", limits }, handler: submit }
]
