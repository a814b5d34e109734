/**
 * Workers: the programs that run jobs, and the messages to them.
 *
 * @example
 * ```ts
 * import * as Workers from "effect-horde/Workers"
 * import * as Effect from "effect/Effect"
 *
 * export const pauseForAnHour = (name: string) =>
 *   Effect.gen(function* () {
 *     const { id } = yield* Workers.getByName(name)
 *     yield* Workers.modify(id, { maintenance: true, maintenance_msg: "back in an hour" })
 *     yield* Effect.sleep("1 hour")
 *     yield* Workers.modify(id, { maintenance: false })
 *   })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { optional } from "./internal/schema/optional.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"
import { couldTake, type ImageNeeds } from "./internal/workers/matching.js"
import {
  type Deleted,
  deleted,
  ModifyWorker,
  ModifyWorkerInput,
  WorkerDetails,
  WorkerMessage,
  WorkerMessageInput,
  type WorkerType
} from "./internal/workers/models.js"

export type { ImageNeeds } from "./internal/workers/matching.js"
export {
  type Deleted,
  type ModifyWorker,
  type ModifyWorkerInput,
  WorkerDetails,
  WorkerDetailsLite,
  WorkerMessage,
  type WorkerMessageInput,
  type WorkerType
} from "./internal/workers/models.js"

/** The limit of the routes of one worker. */
const limits = [{ max: 30, per: "1 minute", key: "path" }] as const

const ownerErrors = [HordeError.NotFound, HordeError.Unauthorized, HordeError.Forbidden] as const

const listFields = {
  type: optional(openEnum<WorkerType>()),
  /** The name of a worker, in any case. With a name, `type` is ignored. */
  name: optional(Schema.String)
}

/**
 * Which workers to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListQuery extends Schema.Struct.Type<typeof listFields> {}

/**
 * `GET /v2/workers`: the workers that are online. Moderators see more fields. The list is up to 30 seconds old.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/workers}
 * @since 0.1.0
 * @category endpoints
 */
export class List extends /* @__PURE__ */ Endpoint.Service<List>()("Workers/List", {
  method: "GET",
  path: "/v2/workers",
  query: listFields,
  success: { 200: Schema.Array(WorkerDetails) },
  error: [],
  apiKey: "optional",
  idempotent: true
}) {}

/**
 * `GET /v2/workers/{id}`: a worker, online or not. Moderators see more fields. The server caches its reply for 30
 * seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/workers/(worker_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("Workers/Get", {
  method: "GET",
  path: "/v2/workers/:id",
  params: { id: Schema.String },
  success: { 200: WorkerDetails },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true,
  limits
}) {}

/**
 * `GET /v2/workers/name/{name}`: a worker by its exact name, online or not. Moderators see more fields.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/workers/name/(worker_name)}
 * @since 0.1.0
 * @category endpoints
 */
export class GetByName extends /* @__PURE__ */ Endpoint.Service<GetByName>()("Workers/GetByName", {
  method: "GET",
  path: "/v2/workers/name/:name",
  params: { name: Schema.String },
  success: { 200: WorkerDetails },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true
}) {}

/**
 * `PUT /v2/workers/{id}`: changes the given fields; owner and moderators only (`Forbidden` for others, and for `paused`
 * by the owner). A taken name, profanity and a request without changes are `BadRequest`. The reply has the changed
 * fields only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PUT /v2/workers/(worker_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("Workers/Modify", {
  method: "PUT",
  path: "/v2/workers/:id",
  params: { id: Schema.String },
  payload: ModifyWorkerInput,
  success: { 200: ModifyWorker },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits
}) {}

/**
 * `DELETE /v2/workers/{id}`: deletes a worker; owner and moderators only. A worker that has delivered results is `Locked`
 * until their jobs have expired, about 20 minutes later. A delete that is retried after a lost reply may fail with
 * `NotFound`, because the worker no longer exists.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/workers/(worker_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("Workers/Delete", {
  method: "DELETE",
  path: "/v2/workers/:id",
  params: { id: Schema.String },
  success: { 200: deleted("DeletedWorker") },
  error: [HordeError.NotFound, HordeError.Unauthorized, HordeError.Forbidden, HordeError.Locked],
  apiKey: "required",
  idempotent: true,
  limits
}) {}

const messagesFields = {
  /** The number of the author's account; moderators only. */
  user_id: optional(Schema.String),
  worker_id: optional(Schema.String),
  /** `active` by default. */
  validity: optional(openEnum<OpenEnum<"active" | "expired" | "all">>()),
  /** The number of messages to skip plus 1; 1 by default. */
  page: optional(Schema.Int.pipe(Schema.positive()))
}

/**
 * Which messages to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessagesQuery extends Schema.Struct.Type<typeof messagesFields> {}

/**
 * `GET /v2/workers/messages`: your messages to workers; moderators see those of all accounts. A `user_id` is `Forbidden`
 * for others, even their own. `page` skips `page - 1` messages, and not that many pages.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/workers/messages}
 * @since 0.1.0
 * @category endpoints
 */
export class Messages extends /* @__PURE__ */ Endpoint.Service<Messages>()("Workers/Messages", {
  method: "GET",
  path: "/v2/workers/messages",
  query: messagesFields,
  success: { 200: Schema.Array(WorkerMessage) },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `POST /v2/workers/messages`: sends a message to one of your own workers (`Forbidden` for others); moderators may send
 * to any worker, and to all. Within 60 seconds of a message, by any account, the server replies with that message and
 * does not send yours: compare the reply's `message`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/workers/messages}
 * @since 0.1.0
 * @category endpoints
 */
export class SendMessage extends /* @__PURE__ */ Endpoint.Service<SendMessage>()("Workers/SendMessage", {
  method: "POST",
  path: "/v2/workers/messages",
  payload: WorkerMessageInput,
  success: { 200: WorkerMessage },
  error: ownerErrors,
  apiKey: "required",
  idempotent: false
}) {}

/**
 * `GET /v2/workers/messages/{id}`: a message. It needs no API key. The server caches its reply for 60 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/workers/messages/(message_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Message extends /* @__PURE__ */ Endpoint.Service<Message>()("Workers/Message", {
  method: "GET",
  path: "/v2/workers/messages/:id",
  params: { id: Schema.String },
  success: { 200: WorkerMessage },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `DELETE /v2/workers/messages/{id}`: deletes a message; author and moderators only. A delete that is retried after a
 * lost reply may fail with `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/workers/messages/(message_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class DeleteMessage extends /* @__PURE__ */ Endpoint.Service<DeleteMessage>()("Workers/DeleteMessage", {
  method: "DELETE",
  path: "/v2/workers/messages/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * The errors of {@link list}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListError = Endpoint.ErrorOf<typeof List>

/**
 * The workers that are online. The list is up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const list = (query: ListQuery = {}): Effect.Effect<ReadonlyArray<WorkerDetails>, ListError, List> =>
  Effect.flatMap(List, (call) => call({ query }))

/**
 * The online workers that could take a request for images, judged by their models, their largest picture and their
 * features. None means that the job would wait in vain; `ImageGeneration.price` tells what the request costs. The server
 * also considers what workers do not report, such as their speed and the words that they refuse.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Workers from "effect-horde/Workers"
 * import * as Effect from "effect/Effect"
 *
 * export const forecast = (request: ImageGeneration.GenerationInputStable) =>
 *   Effect.gen(function* () {
 *     const { kudos } = yield* ImageGeneration.price(request)
 *     const workers = yield* Workers.forImage(request)
 *     return workers.length === 0 ? "no worker can take this request" : `${kudos} kudos`
 *   })
 * ```
 *
 * @since 0.1.0
 * @category functions
 */
export const forImage = (request: ImageNeeds): Effect.Effect<ReadonlyArray<WorkerDetails>, ListError, List> =>
  Effect.map(list({ type: "image" }), (workers) => workers.filter((worker) => couldTake(worker, request)))

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * A worker by its id. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: string): Effect.Effect<WorkerDetails, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link getByName}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetByNameError = Endpoint.ErrorOf<typeof GetByName>

/**
 * A worker by its exact name.
 *
 * @since 0.1.0
 * @category functions
 */
export const getByName = (name: string): Effect.Effect<WorkerDetails, GetByNameError, GetByName> =>
  Effect.flatMap(GetByName, (call) => call({ params: { name } }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes a worker. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (id: string, changes: ModifyWorkerInput): Effect.Effect<ModifyWorker, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Deletes a worker.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: string): Effect.Effect<Deleted, RemoveError, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * The errors of {@link messages}.
 *
 * @since 0.1.0
 * @category errors
 */
export type MessagesError = Endpoint.ErrorOf<typeof Messages>

/**
 * Your messages to workers.
 *
 * @since 0.1.0
 * @category functions
 */
export const messages = (
  query: MessagesQuery = {}
): Effect.Effect<ReadonlyArray<WorkerMessage>, MessagesError, Messages> =>
  Effect.flatMap(Messages, (call) => call({ query }))

/**
 * The errors of {@link sendMessage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type SendMessageError = Endpoint.ErrorOf<typeof SendMessage>

/**
 * Sends a message to a worker. The call is never retried, because a retry may send it twice.
 *
 * @since 0.1.0
 * @category functions
 */
export const sendMessage = (input: WorkerMessageInput): Effect.Effect<WorkerMessage, SendMessageError, SendMessage> =>
  Effect.flatMap(SendMessage, (call) => call({ payload: input }))

/**
 * The errors of {@link message}.
 *
 * @since 0.1.0
 * @category errors
 */
export type MessageError = Endpoint.ErrorOf<typeof Message>

/**
 * A message by its id. The reply may be up to 60 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const message = (id: string): Effect.Effect<WorkerMessage, MessageError, Message> =>
  Effect.flatMap(Message, (call) => call({ params: { id } }))

/**
 * The errors of {@link removeMessage}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveMessageError = Endpoint.ErrorOf<typeof DeleteMessage>

/**
 * Deletes a message.
 *
 * @since 0.1.0
 * @category functions
 */
export const removeMessage = (id: string): Effect.Effect<SimpleResponse, RemoveMessageError, DeleteMessage> =>
  Effect.flatMap(DeleteMessage, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  List | Get | GetByName | Modify | Delete | Messages | SendMessage | Message | DeleteMessage,
  never,
  HordeClient
> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.mergeAll(
    List.layer,
    Get.layer,
    GetByName.layer,
    Modify.layer,
    Delete.layer,
    Messages.layer,
    SendMessage.layer,
    Message.layer,
    DeleteMessage.layer
  )
)
