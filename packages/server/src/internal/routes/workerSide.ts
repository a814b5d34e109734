/**
 * The handlers that every kind of jobs has on the side of external workers: pop and submit.
 */
import { required, requiredKey } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import type { Handler } from "../http/route.js"
import type { JobKind } from "../jobs/kind.js"
import { registerWorker, type WorkerDescription } from "../jobs/registerWorker.js"
import * as WorkerResults from "../jobs/workerResults.js"
import type { Check } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { Attempt, Delivery } from "../state/job.js"
import type { Types } from "../state/kind.js"
import { internalError, refuse, refuseApiKey } from "../state/refusal.js"
import type { Worker } from "../state/worker.js"
import { messagesFor } from "../state/workerMessage.js"
import type { World } from "../state/world.js"
import { messageFields } from "./workerMessages.js"

type Popped<T extends Types> = (world: World, worker: Worker<T>, attempts: ReadonlyArray<Attempt<T>>) => object

interface PopBodies<T extends Types, Body> {
  readonly check: Check<Body>
  /** The models that the server accepts of those that a worker offers. */
  readonly models: (world: World, owner: Account.User, body: Body) => ReadonlyArray<string>
  readonly abilities: (owner: Account.User, body: Body) => T["abilities"]
  readonly take: (world: World, kind: JobKind<T>, worker: Worker<T>, amount: number) => ReadonlyArray<Attempt<T>>
  readonly popped: Popped<T>
}

export const pop =
  <T extends Types, Body extends WorkerDescription>(kind: JobKind<T>, bodies: PopBodies<T, Body>): Handler =>
  (context) => {
    const { incoming, world } = context
    const body = validBody(incoming, bodies.check)
    const apiKey = requiredKey(incoming)
    const name = Python.strip(required("name", body.name))
    if ((body.priority_usernames ?? []).some((username) => !username.includes("#"))) {
      refuse(400, "InvalidPriorityUsername", "Priority usernames must have the form name#1")
    }
    const owner = world.findUser(apiKey) ?? refuseApiKey()
    if (owner.deleted) refuse(403, "DeletedUser", "This account is deleted")
    if (owner.roles.has("flagged")) refuse(403, "WorkerFlaggedMaintenance", "The workers of this account are stopped")
    if (Account.isAnonymous(owner)) refuse(403, "AnonForbiddenWorker", "The anonymous account cannot have workers")
    owner.lastActive = world.now
    const models = bodies.models(world, owner, body)
    const worker = registerWorker(world, kind, owner, incoming.ip, name, body, models, bodies.abilities(owner, body))
    const attempts = bodies.take(world, kind, worker, body.amount ?? 1)
    const { maintenance } = worker.controls
    if (attempts.length === 0 && maintenance !== undefined) refuse(403, "WorkerMaintenance", maintenance)
    context.requestId = attempts[0]?.job.id
    return maskedJson(incoming, 200, bodies.popped(world, worker, attempts))
  }

/** The reply to a pop, with the messages to the worker. */
export const withMessages =
  <T extends Types>(popped: Popped<T>): Popped<T> =>
  (world, worker, attempts) => ({
    ...popped(world, worker, attempts),
    messages: messagesFor(world, worker.id).map(messageFields)
  })

interface SubmitBodies<T extends Types, Body> {
  readonly check: Check<Body>
  readonly delivery: (world: World, attempt: Attempt<T>, body: Body, generation: string) => Delivery<T>
}

export const submit =
  <T extends Types, Body extends WorkerResults.ResultBody>(kind: JobKind<T>, bodies: SubmitBodies<T, Body>): Handler =>
  (context) => {
    const { incoming, world } = context
    const body = validBody(incoming, bodies.check)
    const apiKey = requiredKey(incoming)
    const generation = required("generation", body.generation)
    const attempt =
      WorkerResults.findAttempt(kind.poolOf(world), body.id) ??
      refuse(404, "InvalidJobID", "There is no such running job")
    context.requestId = attempt.job.id
    // The real server is meant to refuse an unknown key, but fails while it does so.
    const caller = world.findUser(apiKey) ?? internalError()
    const delivery = () => bodies.delivery(world, attempt, body, generation)
    return maskedJson(incoming, 200, { reward: WorkerResults.submit(world, kind, attempt, caller, body, delivery) })
  }
