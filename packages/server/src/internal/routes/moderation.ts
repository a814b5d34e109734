/**
 * The moderation queue of newer servers: accounts and workers to review, and the evidence of moderated prompts.
 */
import * as Operations from "effect-horde/Operations"
import { argumentsOf, text } from "../http/arguments.js"
import { maskedJson } from "../http/fieldMask.js"
import type { Incoming } from "../http/incoming.js"
import { queryList, queryText, queryWhole } from "../http/query.js"
import type { Answer } from "../http/reply.js"
import type { Route, RouteContext } from "../http/route.js"
import { type ListedWorker, listWorkers } from "../kinds/workerList.js"
import * as Python from "../python/values.js"
import * as Account from "../state/account.js"
import type { PromptEvent, PromptNote } from "../state/promptEvent.js"
import { refuse } from "../state/refusal.js"
import { isOnline } from "../state/worker.js"
import type { World } from "../state/world.js"
import { moderatorOf } from "./callers.js"

/** Replies contain prompts and IP addresses, so that no cache may keep them. */
const privateHeaders = { "cache-control": "private, no-store" }

const isoDate = (millis: number): string => new Date(millis).toISOString()

/** Withheld kudos from which on an account may become trusted, and the suspicion that prevents it. */
const promotionThreshold = 50_000
const suspicionThreshold = 5
const workerSuspicionThreshold = 3

const pageLimit = (incoming: Incoming, maximum: number): number => {
  const limit = queryWhole(incoming, "limit") ?? 50
  return limit >= 1 && limit <= maximum
    ? limit
    : refuse(400, "InvalidOperationsLimit", `limit must be between 1 and ${maximum}`)
}

const cursor = (incoming: Incoming): number => {
  const before = queryWhole(incoming, "before_id") ?? Number.POSITIVE_INFINITY
  return before >= 1 ? before : refuse(400, "InvalidOperationsCursor", "before_id must be positive")
}

const review = (world: World, user: Account.User) => {
  const workers = world.workers.filter(({ owner }) => owner === user)
  return {
    id: user.account.id,
    username: user.username,
    last_active: isoDate(user.lastActive),
    account_age: Math.floor((world.now - world.startedAt) / 1000),
    kudos: user.kudos,
    evaluating_kudos: user.held,
    suspicious: user.suspicion,
    suspicion_reasons: [],
    flagged: user.roles.has("flagged"),
    deleted: user.deleted,
    vpn: user.roles.has("vpn"),
    worker_count: workers.length,
    paused_worker_count: workers.filter(({ controls }) => controls.paused).length,
    worker_kudos: workers.reduce((sum, { totals }) => sum + totals.kudos, 0),
    worker_fulfilments: workers.reduce((sum, { totals }) => sum + totals.fulfilled, 0),
    contact: user.contact,
    admin_comment: user.adminComment
  }
}

const pausedWorker = (world: World, { type, worker }: ListedWorker) => ({
  type,
  name: worker.name,
  id: worker.id,
  online: isOnline(worker, world.now),
  owner_id: worker.owner?.account.id,
  owner: worker.owner?.username,
  last_check_in: isoDate(worker.updatedAt),
  maintenance_mode: worker.controls.maintenance !== undefined,
  maintenance_msg: worker.controls.maintenance,
  suspicious: 0,
  suspicion_reasons: [],
  owner_suspicion: worker.owner?.suspicion ?? 0,
  owner_trusted: worker.owner !== undefined && Account.isTrusted(worker.owner),
  owner_flagged: worker.owner?.roles.has("flagged") ?? false,
  requests_fulfilled: worker.totals.fulfilled,
  aborted_jobs: worker.totals.aborted,
  bridge_agent: worker.bridgeAgent,
  models: worker.models,
  contact: worker.owner?.contact
})

/** The embedded horde has no suspicions of workers, so that sorting by them is sorting by the last check-in. */
const isBefore = (sort: string | undefined): ((a: ListedWorker, b: ListedWorker) => number) => {
  switch (sort) {
    case "name":
      return (a, b) => a.worker.name.localeCompare(b.worker.name)
    case "owner":
      return (a, b) => (a.worker.owner?.username ?? "").localeCompare(b.worker.owner?.username ?? "")
    default:
      return (a, b) => b.worker.updatedAt - a.worker.updatedAt
  }
}

const overview = (context: RouteContext): Answer => {
  const { incoming, world } = context
  moderatorOf(context)
  const limit = pageLimit(incoming, 100)
  const types = queryList(incoming, "worker_type")
  const online = queryText(incoming, "online")
  const paused = listWorkers(world)
    .filter(({ worker }) => worker.controls.paused)
    .filter(({ type }) => types.length === 0 || types.includes(type))
    .filter(({ worker }) => online === undefined || String(isOnline(worker, world.now)) === online.toLowerCase())
    .sort(isBefore(queryText(incoming, "sort")))
  const candidates = [...world.users.values()].filter(
    (user) => !Account.isTrusted(user) && user.held >= promotionThreshold
  )
  const isBlocked = ({ suspicion }: Account.User): boolean => suspicion >= suspicionThreshold
  const reviews = (users: ReadonlyArray<Account.User>) => users.map((user) => review(world, user))
  const body = {
    promotion_threshold: promotionThreshold,
    suspicion_threshold: suspicionThreshold,
    worker_suspicion_threshold: workerSuspicionThreshold,
    promotion_blocked_users: reviews(candidates.filter(isBlocked)),
    promotion_eligible_users: reviews(candidates.filter((user) => !isBlocked(user))),
    paused_workers: paused.slice(0, limit).map((listed) => pausedWorker(world, listed)),
    paused_workers_total: paused.length
  }
  return maskedJson(incoming, 200, body, privateHeaders)
}

const noteFields = ({ author, createdAt, id, note }: PromptNote) => ({
  id,
  author_id: author.account.id,
  note,
  created: isoDate(createdAt)
})

const eventFields = (event: PromptEvent) => ({
  id: event.id,
  created: isoDate(event.at),
  user_id: event.user.account.id,
  request_id: event.requestId ?? null,
  worker_id: event.workerId ?? null,
  proxied_account: event.proxiedAccount ?? null,
  ipaddr: event.ip ?? null,
  ip_subject_key: null,
  origin_text: null,
  models: event.models,
  reason: event.reason,
  outcome: event.outcome,
  submitted_prompt: event.prompt,
  moderation_prompt: event.prompt,
  effective_prompt: event.prompt,
  // The event itself has the whole prompts, unchanged.
  text_state: "none",
  text_url: null,
  text_sha256: null,
  text_chars: Python.length(event.prompt),
  text_truncated: false,
  text_redacted: false,
  ipaddr_redacted: false,
  anonymized: false,
  hold_source: event.notes.length === 0 ? null : "note",
  notes: event.notes.map(noteFields)
})

/** A bound in time: an ISO 8601 date with a time zone. */
const timeBound = (incoming: Incoming, name: string): number | undefined => {
  const value = queryText(incoming, name)
  if (value === undefined) return undefined
  const time = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time)
    ? refuse(400, "InvalidModerationTimeRange", `${name} must be an ISO 8601 date with a time zone`)
    : time
}

/** Newest first. Nothing is deleted while the horde runs, so the retention is only what a real server publishes. */
const promptEvents = (context: RouteContext): Answer => {
  const { incoming, world } = context
  moderatorOf(context)
  const limit = pageLimit(incoming, 100)
  const before = cursor(incoming)
  const since = timeBound(incoming, "since") ?? Number.NEGATIVE_INFINITY
  const until = timeBound(incoming, "until") ?? Number.POSITIVE_INFINITY
  if (since >= until) refuse(400, "InvalidModerationTimeRange", "since must be earlier than until")
  const eventId = queryWhole(incoming, "event_id")
  const userId = queryWhole(incoming, "user_id")
  const [account, ip, workerId] = ["proxied_account", "ipaddr", "worker_id"].map((name) => queryText(incoming, name))
  const reasons = queryList(incoming, "reason")
  const selected = world.promptEvents
    .filter(({ at, id }) => id < before && at >= since && at < until)
    .filter(({ id, user }) => (eventId ?? id) === id && (userId ?? user.account.id) === user.account.id)
    .filter((event) => (account ?? event.proxiedAccount) === event.proxiedAccount && (ip ?? event.ip) === event.ip)
    .filter((event) => (workerId ?? event.workerId) === event.workerId)
    .filter(({ reason }) => reasons.length === 0 || reasons.includes(reason))
    .reverse()
  const events = selected.slice(0, limit)
  const body = {
    events: events.map(eventFields),
    next_cursor: selected.length > limit ? (events.at(-1)?.id ?? null) : null,
    retention: { text_days: 30, ipaddr_days: 30, ceiling_days: 365 }
  }
  return maskedJson(incoming, 200, body, privateHeaders)
}

const maxNote = 2000

const addNote = (context: RouteContext): Answer => {
  const { incoming, params, world } = context
  const author = moderatorOf(context)
  const note = text(argumentsOf(incoming), "note") ?? ""
  if (Python.strip(note) === "" || Python.length(note) > maxNote || note.includes("\u0000")) {
    refuse(400, "InvalidModerationNote", `note must have 1 to ${maxNote} characters, and no NUL`)
  }
  const event =
    world.promptEvents.find(({ id }) => String(id) === params["id"]) ??
    refuse(404, "ModerationEventNotFound", "There is no such event")
  const id = world.promptEvents.reduce((count, { notes }) => count + notes.length, 1)
  const added: PromptNote = { id, author, note, createdAt: world.now }
  event.notes.push(added)
  return maskedJson(incoming, 201, noteFields(added), privateHeaders)
}

/** The embedded horde suspects no worker, so there are no events. */
const suspicionEvents = (context: RouteContext): Answer => {
  const { incoming } = context
  moderatorOf(context)
  pageLimit(incoming, 100)
  cursor(incoming)
  return maskedJson(incoming, 200, { events: [], next_cursor: null }, privateHeaders)
}

const since = "newer"

export const moderation: ReadonlyArray<Route> = [
  { endpoint: Operations.Moderation.declaration, handler: overview, since },
  {
    endpoint: Operations.PromptEvents.declaration,
    handler: promptEvents,
    since
  },
  {
    endpoint: Operations.AddNote.declaration,
    handler: addNote,
    since
  },
  {
    endpoint: Operations.SuspicionEvents.declaration,
    handler: suspicionEvents,
    since
  }
]
