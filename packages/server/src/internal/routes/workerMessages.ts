/**
 * Messages to workers: sent by their owners and by moderators, and delivered with jobs.
 */
import * as Workers from "effect-horde/Workers"
import { maskedJson, ok } from "../http/fieldMask.js"
import { validBody } from "../http/jsonBody.js"
import { queryChoice, queryText, queryWhole } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { findWorker } from "../kinds/workerList.js"
import { check, integer, text } from "../python/jsonSchema.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import { internalError, refuse, refuseNul } from "../state/refusal.js"
import { rfc822 } from "../state/rfc822.js"
import type { WorkerMessage } from "../state/workerMessage.js"
import type { World } from "../state/world.js"
import { callerOf } from "./callers.js"

type Fields = Readonly<Record<string, unknown>>

/** A message as a worker receives it. */
export const messageFields = ({ expiresAt, id, message, origin }: WorkerMessage): Fields => ({
  id,
  message,
  origin,
  expiry: rfc822(expiresAt)
})

/** A message as it is listed. Like on the real server, `created` is the time when the server started. */
export const storedMessageFields = ({ startedAt }: World, message: WorkerMessage): Fields => ({
  ...messageFields(message),
  worker_id: message.workerId,
  user_id: String(message.author.account.id),
  created: rfc822(startedAt)
})

interface Input {
  readonly worker_id?: string
  readonly message: string
  readonly origin?: string
  readonly expiry?: number
}

const checkInput = check<Input>({
  type: "object",
  required: ["message"],
  properties: {
    worker_id: text(36, 36),
    message: text(1, 10_240),
    origin: text(1, 255),
    expiry: integer(1, 720)
  }
})

const hour = 3_600_000

/** Only moderators choose the origin. */
const originOf = (author: Account.User, origin: string | undefined): string =>
  Account.isModerator(author) ? (origin ?? "AI Horde Moderators") : author.username

const send = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const input = validBody(incoming, checkInput)
  const author = callerOf(context)
  if (Account.isAnonymous(author)) refuse(403, "AnonForbidden", "The anonymous account cannot send messages")
  // The real server fails on a message of an ordinary account without a worker.
  if (input.worker_id === undefined && !Account.isModerator(author)) internalError()
  const worker = input.worker_id === undefined ? undefined : findWorker(world, input.worker_id)?.worker
  if (input.worker_id !== undefined && worker === undefined) {
    refuse(404, "WorkerNotFound", `There is no worker ${input.worker_id}`)
  }
  if (worker?.owner !== author && !Account.isModerator(author)) {
    refuse(403, "MessagesOnlyOwnWorkers", "Only moderators can send messages to workers of other accounts")
  }
  refuseNul([input.message, input.origin])
  // The real server fails without an expiry, although its documentation has a default.
  const hours = input.expiry ?? internalError()
  const message: WorkerMessage = {
    id: world.uuid(),
    author,
    workerId: worker?.id,
    message: input.message,
    origin: originOf(author, input.origin),
    expiresAt: world.now + hours * hour
  }
  world.messages.set(message.id, message)
  return maskedJson(incoming, 200, storedMessageFields(world, message))
}

const pageSize = 50

/** Whether a message has the validity that a request selects. */
const isSelected = ({ now }: World, validity: "active" | "expired" | "all", { expiresAt }: WorkerMessage): boolean =>
  validity === "all" || (validity === "active") === expiresAt > now

/**
 * Moderators see all messages, others those that they sent. Like on the real server, others cannot name any account in
 * the query, not even their own, and a page begins one message, not one page, after the previous one.
 */
const list = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const userId = queryText(incoming, "user_id")
  const workerId = queryText(incoming, "worker_id")
  const page = queryWhole(incoming, "page") ?? 1
  const caller = callerOf(context)
  const validity = queryChoice(incoming, "validity", ["active", "expired", "all"], "active")
  const all = Account.isModerator(caller)
  if (userId !== undefined && !all) refuse(403, "Forbidden", "Only moderators can list messages of an account")
  const selected = [...world.messages.values()].filter(
    (message) =>
      isSelected(world, validity, message) &&
      (all || message.author === caller) &&
      (userId === undefined || String(message.author.account.id) === userId) &&
      (workerId === undefined || message.workerId === Python.uuid(workerId))
  )
  const first = Math.max(0, page - 1)
  const shown = selected.slice(first, first + pageSize).map((message) => storedMessageFields(world, message))
  return maskedJson(incoming, 200, shown)
}

const find = ({ params, world }: RouteContext): WorkerMessage =>
  world.messages.get(Python.uuid(params["id"] ?? "") ?? "") ??
  refuse(404, "WorkermessageNotFound", "There is no such message")

const get = (context: RouteContext): Answer =>
  maskedJson(context.incoming, 200, storedMessageFields(context.world, find(context)))

const remove = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const caller = callerOf(context)
  const message = find(context)
  if (message.author !== caller && !Account.isModerator(caller)) {
    refuse(403, "Forbidden", "Only its author or a moderator can delete a message")
  }
  world.messages.delete(message.id)
  return ok(incoming)
}

/** The routes of `/v2/workers/messages`; they come before those of `/v2/workers/:id`. */
export const workerMessages: ReadonlyArray<Route> = [
  { endpoint: Workers.Messages.declaration, handler: list },
  // The real server caches this reply too: a second message within a minute is not stored.
  { endpoint: Workers.SendMessage.declaration, handler: send, cachedFor: "1 minute" },
  { endpoint: Workers.Message.declaration, handler: get, cachedFor: "1 minute" },
  { endpoint: Workers.DeleteMessage.declaration, handler: remove }
]
