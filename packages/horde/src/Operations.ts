/**
 * Operations: blocked IP addresses, and the moderation of newer servers. All calls are for moderators.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import {
  ModerationOverview,
  PromptModerationEvents,
  PromptModerationNote,
  type PromptModerationReason,
  WorkerSuspicionEvents
} from "./internal/operations/models.js"
import { type Model, model } from "./internal/schema/model.js"
import { nullableNumber } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { extra, optional } from "./internal/schema/optional.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"

export {
  ModerationOverview,
  type PausedWorkerReview,
  type PromotionReviewUser,
  type PromptModerationEvent,
  PromptModerationEvents,
  PromptModerationNote,
  type PromptModerationReason,
  type WorkerSuspicionEvent,
  WorkerSuspicionEvents
} from "./internal/operations/models.js"

const errors = [HordeError.Unauthorized, HordeError.Forbidden] as const
const errorsOfOne = [...errors, HordeError.NotFound] as const

const timeoutFields = {
  /** An IP address, or a block of them (CIDR). */
  ipaddr: sensitive(Schema.String),
  /** The remaining time in seconds. */
  seconds: nullableNumber
}

/**
 * An IP address or a block of them from which the server accepts no jobs for a time.
 *
 * @since 0.1.0
 * @category models
 */
export interface IPTimeout extends Schema.Struct.Type<typeof timeoutFields> {}

/**
 * The schema of {@link IPTimeout}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const IPTimeout: Model<IPTimeout, typeof timeoutFields> = model("IPTimeout", timeoutFields)

/**
 * `GET /v2/operations/ipaddr`: the blocked ranges, without single addresses; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/operations/ipaddr}
 * @since 0.1.0
 * @category endpoints
 */
export class Timeouts extends /* @__PURE__ */ Endpoint.Service<Timeouts>()("Operations/Timeouts", {
  method: "GET",
  path: "/v2/operations/ipaddr",
  success: { 200: Schema.Array(IPTimeout) },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `GET /v2/operations/ipaddr/{ipaddr}`: the blocks that concern an address; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/operations/ipaddr/(ipaddr)}
 * @since 0.1.0
 * @category endpoints
 */
export class TimeoutsOf extends /* @__PURE__ */ Endpoint.Service<TimeoutsOf>()("Operations/TimeoutsOf", {
  method: "GET",
  path: "/v2/operations/ipaddr/:ipaddr",
  params: { ipaddr: sensitive(Schema.String) },
  success: { 200: Schema.Array(IPTimeout) },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

const removeFields = {
  /** An IP address, or a block of them (CIDR), 7 to 40 characters. */
  ipaddr: sensitive(Schema.String.pipe(Schema.minLength(7), Schema.maxLength(40))),
  /** Fields that this version does not declare. */
  extra
}

const DeleteTimeoutIPInput = Schema.Struct(removeFields).annotations({ identifier: "DeleteTimeoutIPInput" })

const addFields = {
  ...removeFields,
  /** 1 to 720. */
  hours: Schema.Int.pipe(Schema.between(1, 720))
}

/**
 * The address to block, and for how long.
 *
 * @since 0.1.0
 * @category models
 */
export interface AddTimeoutIPInput extends Schema.Struct.Type<typeof addFields> {}

const AddTimeoutIPInput: Schema.Schema<AddTimeoutIPInput> = Schema.Struct(addFields).annotations({
  identifier: "AddTimeoutIPInput"
})

/**
 * `POST /v2/operations/ipaddr`: blocks an address for some hours from now, which replaces an earlier time; moderators
 * only. An invalid address is `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/operations/ipaddr}
 * @since 0.1.0
 * @category endpoints
 */
export class AddTimeout extends /* @__PURE__ */ Endpoint.Service<AddTimeout>()("Operations/AddTimeout", {
  method: "POST",
  path: "/v2/operations/ipaddr",
  payload: AddTimeoutIPInput,
  success: { 200: SimpleResponse },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `DELETE /v2/operations/ipaddr`: unblocks an address; moderators only. An invalid address is `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/operations/ipaddr}
 * @since 0.1.0
 * @category endpoints
 */
export class RemoveTimeout extends /* @__PURE__ */ Endpoint.Service<RemoveTimeout>()("Operations/RemoveTimeout", {
  method: "DELETE",
  path: "/v2/operations/ipaddr",
  payload: DeleteTimeoutIPInput,
  success: { 200: SimpleResponse },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

const AddWorkerTimeout = Schema.Struct({
  /** 1 to 30. */
  days: Schema.Int.pipe(Schema.between(1, 30))
}).annotations({ identifier: "AddWorkerTimeout" })

/**
 * `PUT /v2/operations/block_worker_ipaddr/{worker_id}`: blocks the IP address of a worker for some days; moderators
 * only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PUT /v2/operations/block_worker_ipaddr/(worker_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class BlockWorker extends /* @__PURE__ */ Endpoint.Service<BlockWorker>()("Operations/BlockWorker", {
  method: "PUT",
  path: "/v2/operations/block_worker_ipaddr/:id",
  params: { id: Schema.String },
  payload: AddWorkerTimeout,
  success: { 200: SimpleResponse },
  error: errorsOfOne,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `DELETE /v2/operations/block_worker_ipaddr/{worker_id}`: unblocks the IP address of a worker; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/operations/block_worker_ipaddr/(worker_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class UnblockWorker extends /* @__PURE__ */ Endpoint.Service<UnblockWorker>()("Operations/UnblockWorker", {
  method: "DELETE",
  path: "/v2/operations/block_worker_ipaddr/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: errorsOfOne,
  apiKey: "required",
  idempotent: true
}) {}

const limit = optional(Schema.Int.pipe(Schema.positive()))

/** The id of an event: a number or its text. */
const eventId = Schema.Union(Schema.Int, Schema.String)

const moderationFields = {
  /** The maximum number of entries of each list. */
  limit,
  "worker_type[]": optional(Schema.Array(openEnum<OpenEnum<"image" | "text" | "interrogation">>())),
  "suspicion_id[]": optional(Schema.Array(Schema.Int)),
  /** Whether the workers are online. */
  online: optional(Schema.Boolean),
  sort: optional(openEnum<OpenEnum<"suspicion" | "last_check_in" | "name" | "owner">>())
}

/**
 * Which accounts and workers to show.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModerationQuery extends Schema.Struct.Type<typeof moderationFields> {}

/**
 * `GET /v2/operations/moderation`: the accounts and workers that moderators have to decide about; moderators only.
 * Newer servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/operations/moderation}
 * @since 0.1.0
 * @category endpoints
 */
export class Moderation extends /* @__PURE__ */ Endpoint.Service<Moderation>()("Operations/Moderation", {
  method: "GET",
  path: "/v2/operations/moderation",
  query: moderationFields,
  success: { 200: ModerationOverview },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

const promptsFields = {
  /** The maximum number of events. */
  limit,
  /** Only events before this one: the `next_cursor` of the previous page. */
  before_id: optional(eventId),
  event_id: optional(eventId),
  /** The number of an account. */
  user_id: optional(Schema.Int),
  /** The user of a service account. */
  proxied_account: optional(sensitive(Schema.String)),
  ipaddr: optional(sensitive(Schema.String)),
  ip_subject_key: optional(sensitive(Schema.String)),
  worker_id: optional(Schema.String),
  "reason[]": optional(Schema.Array(openEnum<PromptModerationReason>())),
  /** Only events from this time on, as ISO 8601. */
  since: optional(Schema.String),
  /** Only events before this time, as ISO 8601. */
  until: optional(Schema.String)
}

/**
 * Which moderated prompts to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromptEventsQuery extends Schema.Struct.Type<typeof promptsFields> {}

/**
 * `GET /v2/operations/moderation/prompts`: prompts that were rejected or whose results were censored; moderators only.
 * Newer servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/operations/moderation/prompts}
 * @since 0.1.0
 * @category endpoints
 */
export class PromptEvents extends /* @__PURE__ */ Endpoint.Service<PromptEvents>()("Operations/PromptEvents", {
  method: "GET",
  path: "/v2/operations/moderation/prompts",
  query: promptsFields,
  success: { 200: PromptModerationEvents },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

const NoteInput = Schema.Struct({
  /** 1 to 2,000 characters, without NUL. */
  note: Schema.String.pipe(
    Schema.minLength(1),
    Schema.maxLength(2000),
    Schema.filter((note) => !note.includes("\0"), { description: "a text without NUL characters" })
  )
})

/**
 * `POST /v2/operations/moderation/prompts/{event_id}/notes`: adds a note to a moderated prompt; moderators only. Newer
 * servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/operations/moderation/prompts/(event_id)/notes}
 * @since 0.1.0
 * @category endpoints
 */
export class AddNote extends /* @__PURE__ */ Endpoint.Service<AddNote>()("Operations/AddNote", {
  method: "POST",
  path: "/v2/operations/moderation/prompts/:id/notes",
  params: { id: eventId },
  payload: NoteInput,
  success: { 200: PromptModerationNote, 201: PromptModerationNote },
  error: errorsOfOne,
  apiKey: "required",
  idempotent: false
}) {}

const suspicionsFields = {
  /** The maximum number of events. */
  limit,
  /** Only events before this one: the `next_cursor` of the previous page. */
  before_id: optional(eventId),
  worker_id: optional(Schema.String),
  /** The number of an account. */
  user_id: optional(Schema.Int)
}

/**
 * Which suspicious actions to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface SuspicionEventsQuery extends Schema.Struct.Type<typeof suspicionsFields> {}

/**
 * `GET /v2/operations/moderation/worker_suspicion_events`: the suspicious actions of workers; moderators only. Newer
 * servers only: on an older server the call fails with `UnexpectedResponse` and status 404.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/operations/moderation/worker_suspicion_events}
 * @since 0.1.0
 * @category endpoints
 */
export class SuspicionEvents extends /* @__PURE__ */ Endpoint.Service<SuspicionEvents>()("Operations/SuspicionEvents", {
  method: "GET",
  path: "/v2/operations/moderation/worker_suspicion_events",
  query: suspicionsFields,
  success: { 200: WorkerSuspicionEvents },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * The errors of {@link timeouts}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TimeoutsError = Endpoint.ErrorOf<typeof Timeouts>

/**
 * The blocked ranges of IP addresses, without single addresses.
 *
 * @since 0.1.0
 * @category functions
 */
export const timeouts: Effect.Effect<ReadonlyArray<IPTimeout>, TimeoutsError, Timeouts> = Effect.flatMap(
  Timeouts,
  (call) => call()
)

/**
 * The errors of {@link timeoutsOf}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TimeoutsOfError = Endpoint.ErrorOf<typeof TimeoutsOf>

/**
 * The blocks that concern an IP address.
 *
 * @since 0.1.0
 * @category functions
 */
export const timeoutsOf = (ipaddr: string): Effect.Effect<ReadonlyArray<IPTimeout>, TimeoutsOfError, TimeoutsOf> =>
  Effect.flatMap(TimeoutsOf, (call) => call({ params: { ipaddr } }))

/**
 * The errors of {@link addTimeout}.
 *
 * @since 0.1.0
 * @category errors
 */
export type AddTimeoutError = Endpoint.ErrorOf<typeof AddTimeout>

/**
 * Blocks an IP address or a range of them for some hours.
 *
 * @since 0.1.0
 * @category functions
 */
export const addTimeout = (input: AddTimeoutIPInput): Effect.Effect<SimpleResponse, AddTimeoutError, AddTimeout> =>
  Effect.flatMap(AddTimeout, (call) => call({ payload: input }))

/**
 * The errors of {@link removeTimeout}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveTimeoutError = Endpoint.ErrorOf<typeof RemoveTimeout>

/**
 * Unblocks an IP address or a range of them.
 *
 * @since 0.1.0
 * @category functions
 */
export const removeTimeout = (ipaddr: string): Effect.Effect<SimpleResponse, RemoveTimeoutError, RemoveTimeout> =>
  Effect.flatMap(RemoveTimeout, (call) => call({ payload: { ipaddr } }))

/**
 * The errors of {@link blockWorker}.
 *
 * @since 0.1.0
 * @category errors
 */
export type BlockWorkerError = Endpoint.ErrorOf<typeof BlockWorker>

/**
 * Blocks the IP address of a worker for 1 to 30 days.
 *
 * @since 0.1.0
 * @category functions
 */
export const blockWorker = (id: string, days: number): Effect.Effect<SimpleResponse, BlockWorkerError, BlockWorker> =>
  Effect.flatMap(BlockWorker, (call) => call({ params: { id }, payload: { days } }))

/**
 * The errors of {@link unblockWorker}.
 *
 * @since 0.1.0
 * @category errors
 */
export type UnblockWorkerError = Endpoint.ErrorOf<typeof UnblockWorker>

/**
 * Unblocks the IP address of a worker.
 *
 * @since 0.1.0
 * @category functions
 */
export const unblockWorker = (id: string): Effect.Effect<SimpleResponse, UnblockWorkerError, UnblockWorker> =>
  Effect.flatMap(UnblockWorker, (call) => call({ params: { id } }))

/**
 * The errors of {@link moderation}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModerationError = Endpoint.ErrorOf<typeof Moderation>

/**
 * The accounts and workers that moderators have to decide about. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const moderation = (
  query: ModerationQuery = {}
): Effect.Effect<ModerationOverview, ModerationError, Moderation> =>
  Effect.flatMap(Moderation, (call) => call({ query }))

/**
 * The errors of {@link promptEvents}.
 *
 * @since 0.1.0
 * @category errors
 */
export type PromptEventsError = Endpoint.ErrorOf<typeof PromptEvents>

/**
 * A page of moderated prompts. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const promptEvents = (
  query: PromptEventsQuery = {}
): Effect.Effect<PromptModerationEvents, PromptEventsError, PromptEvents> =>
  Effect.flatMap(PromptEvents, (call) => call({ query }))

/**
 * The errors of {@link addNote}.
 *
 * @since 0.1.0
 * @category errors
 */
export type AddNoteError = Endpoint.ErrorOf<typeof AddNote>

/**
 * Adds a note to a moderated prompt. The call is never retried, because a retry may add it twice. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const addNote = (
  id: number | string,
  note: string
): Effect.Effect<PromptModerationNote, AddNoteError, AddNote> =>
  Effect.flatMap(AddNote, (call) => call({ params: { id }, payload: { note } }))

/**
 * The errors of {@link suspicionEvents}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SuspicionEventsError = Endpoint.ErrorOf<typeof SuspicionEvents>

/**
 * A page of suspicious actions of workers. Newer servers only.
 *
 * @since 0.1.0
 * @category functions
 */
export const suspicionEvents = (
  query: SuspicionEventsQuery = {}
): Effect.Effect<WorkerSuspicionEvents, SuspicionEventsError, SuspicionEvents> =>
  Effect.flatMap(SuspicionEvents, (call) => call({ query }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  | Timeouts
  | TimeoutsOf
  | AddTimeout
  | RemoveTimeout
  | BlockWorker
  | UnblockWorker
  | Moderation
  | PromptEvents
  | AddNote
  | SuspicionEvents,
  never,
  HordeClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(
    Timeouts.layer,
    TimeoutsOf.layer,
    AddTimeout.layer,
    RemoveTimeout.layer,
    BlockWorker.layer,
    UnblockWorker.layer,
    Moderation.layer,
    PromptEvents.layer,
    AddNote.layer,
    SuspicionEvents.layer
  )
)
