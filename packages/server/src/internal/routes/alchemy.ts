/**
 * Alchemy jobs: submit, status and cancel for clients; pop and submit for workers.
 */
import * as Alchemy from "effect-horde/Alchemy"
import * as Worker from "effect-horde/Worker"
import { argumentsOf, required, requiredKey, text } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Handler, Route } from "../http/route.js"
import * as LifeCycle from "../jobs/lifeCycle.js"
import * as Queue from "../jobs/queue.js"
import * as WorkerResults from "../jobs/workerResults.js"
import { alchemy as kind } from "../kinds/alchemy/kind.js"
import { checkAlchemyRequest, fromBody } from "../kinds/alchemy/request.js"
import * as Views from "../kinds/alchemy/views.js"
import * as WorkerSchema from "../kinds/alchemy/workerSchema.js"
import { internalError, refuse, refuseFields } from "../state/refusal.js"
import { clientSide, findJob } from "./clientSide.js"
import { pop } from "./workerSide.js"

const handlers = clientSide(kind, {
  request: (world, incoming) => {
    const body = validBody(incoming, checkAlchemyRequest(world.settings.version))
    requiredKey(incoming)
    return fromBody(world, body, required("source_image", body.source_image))
  },
  accepted: Views.accepted,
  status: Views.status
})

/** The reply shows the job after the cancel, but the forms in their order before it. */
const cancel: Handler = (context) => {
  const { incoming, world } = context
  const job = findJob(kind, context)
  const order = job.parts
  LifeCycle.cancel(world, kind, job)
  return maskedJson(incoming, 200, Views.status(world, job, order))
}

const popForms: Handler = (context) =>
  pop(kind, {
    check: WorkerSchema.checkPop(context.world.settings.version),
    models: (_world, _owner, { forms = [] }) => forms,
    abilities: WorkerSchema.abilities,
    take: Queue.popFromAll,
    popped: Views.popped
  })(context)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Unlike the other results of workers, this body has no schema. */
const submitForm: Handler = (context) => {
  const { incoming, world } = context
  const args = argumentsOf(incoming)
  const apiKey = requiredKey(incoming)
  const id = required("id", text(args, "id"))
  const result = required("result", args.fields["result"])
  if (!isRecord(result)) return refuseFields({ result: "This argument must be an object" })
  const state = text(args, "state") === "faulted" ? "faulted" : "ok"
  const attempt =
    WorkerResults.findAttempt(kind.poolOf(world), id) ?? refuse(404, "InvalidJobID", "There is no such running form")
  context.requestId = attempt.job.id
  // The real server is meant to refuse an unknown key, but fails while it does so.
  const caller = world.findUser(apiKey) ?? internalError()
  const delivery = () => ({ seed: 0, censored: false, metadata: [], result })
  const reward = WorkerResults.submit(world, kind, attempt, caller, { id, state }, delivery)
  return maskedJson(incoming, 200, { reward })
}

export const alchemy: ReadonlyArray<Route> = [
  { endpoint: Alchemy.Submit.declaration, handler: handlers.submit },
  { endpoint: Alchemy.Status.declaration, handler: handlers.status, namesJob: true },
  { endpoint: Alchemy.Cancel.declaration, handler: cancel, namesJob: true },
  { endpoint: Worker.PopAlchemy.declaration, handler: popForms },
  { endpoint: Worker.SubmitAlchemy.declaration, handler: submitForm }
]
