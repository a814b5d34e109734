/**
 * Shared keys: keys with which others spend an account's kudos, within limits set by the owner.
 *
 * The id of a shared key is a credential that spends kudos, so it is `Redacted` in requests and replies.
 *
 * @example
 * ```ts
 * import * as SharedKeys from "effect-horde/SharedKeys"
 * import * as Effect from "effect/Effect"
 *
 * export const lend = Effect.gen(function* () {
 *   const key = yield* SharedKeys.create({ kudos: 500, name: "demo", expiry: 7 })
 *   yield* SharedKeys.modify(key.id, { max_image_steps: 30 })
 *   return key.id
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"
import { SharedKeyChanges, SharedKeyDetails, SharedKeyId, SharedKeyInput } from "./internal/sharedKeys/models.js"

export { SimpleResponse } from "./internal/schema/simpleResponse.js"
export {
  type ActiveUsage,
  SharedKeyDetails,
  type SharedKeyDetailsEncoded,
  SharedKeyId,
  SharedKeyInput,
  sharedKeyId
} from "./internal/sharedKeys/models.js"

const unknownKey = "no account has this API key, or no shared key has this id"

/**
 * `PUT /v2/sharedkeys`: creates a key, a new one with each call. An account can have 3 keys (trusted 10, education
 * 1,000); above that the call fails with `Forbidden`. The anonymous account cannot have shared keys.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Create extends /* @__PURE__ */ Endpoint.Service<Create>()("SharedKeys/Create", {
  method: "PUT",
  path: "/v2/sharedkeys",
  payload: SharedKeyInput,
  success: { 200: SharedKeyDetails },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false,
  limits: [{ max: 5, per: "1 minute", key: "path" }],
  hints: { 401: "no account has this API key; a shared key cannot create another" }
}) {}

/**
 * `GET /v2/sharedkeys/{id}`: reads a key; the id is the only credential needed. The server caches its reply for 60
 * seconds. An unknown id is `Unauthorized`, not `NotFound`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("SharedKeys/Get", {
  method: "GET",
  path: "/v2/sharedkeys/:id",
  params: { id: SharedKeyId },
  success: { 200: SharedKeyDetails },
  error: [HordeError.Unauthorized],
  apiKey: "optional",
  idempotent: true,
  hints: { 401: "no shared key has this id" }
}) {}

/**
 * `PATCH /v2/sharedkeys/{id}`: changes the given fields; owner only (`Forbidden` for other accounts).
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("SharedKeys/Modify", {
  method: "PATCH",
  path: "/v2/sharedkeys/:id",
  params: { id: SharedKeyId },
  payload: SharedKeyChanges,
  success: { 200: SharedKeyDetails },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: true,
  hints: { 401: unknownKey }
}) {}

/**
 * `DELETE /v2/sharedkeys/{id}`: deletes a key and its waiting requests; owner only. A delete that is retried after a
 * lost reply may fail with `Unauthorized`, because the key no longer exists.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("SharedKeys/Delete", {
  method: "DELETE",
  path: "/v2/sharedkeys/:id",
  params: { id: SharedKeyId },
  success: { 200: SimpleResponse },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: true,
  hints: { 401: unknownKey }
}) {}

/**
 * The errors of {@link create}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = Endpoint.ErrorOf<typeof Create>

/**
 * Creates a shared key. The call is never retried, because a retry may create a second key.
 *
 * @since 0.1.0
 * @category functions
 */
export const create = (input: SharedKeyInput = {}): Effect.Effect<SharedKeyDetails, CreateError, Create> =>
  Effect.flatMap(Create, (call) => call({ payload: input }))

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * Reads a shared key. The reply may be up to 60 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: SharedKeyId): Effect.Effect<SharedKeyDetails, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes the limits of a shared key. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (
  id: SharedKeyId,
  changes: SharedKeyInput
): Effect.Effect<SharedKeyDetails, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Deletes a shared key.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: SharedKeyId): Effect.Effect<SimpleResponse, RemoveError, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * Creates a shared key that is deleted when the scope closes, with success or failure. A delete that fails is logged;
 * the key then still exists.
 *
 * @since 0.1.0
 * @category functions
 */
export const scoped = (
  input: SharedKeyInput = {}
): Effect.Effect<SharedKeyDetails, Endpoint.ErrorOf<typeof Create>, Create | Delete | Scope.Scope> =>
  Effect.acquireRelease(create(input), ({ id }) =>
    Effect.interruptible(remove(id)).pipe(
      Effect.timeout("5 seconds"),
      Effect.catchAll((error) => Effect.logWarning(`a shared key was not deleted: ${error._tag} ${error.message}`))
    )
  )

/**
 * Reads the current state of a shared key. The server caches a reply for 60 seconds, so the request is sent 61 seconds
 * later.
 *
 * @since 0.1.0
 * @category functions
 */
export const getFresh = (id: SharedKeyId): Effect.Effect<SharedKeyDetails, Endpoint.ErrorOf<typeof Get>, Get> =>
  Effect.delay(get(id), "61 seconds")

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Create | Get | Modify | Delete, never, HordeClient> = /* @__PURE__ */ Layer.suspend(
  () => Layer.mergeAll(Create.layer, Get.layer, Modify.layer, Delete.layer)
)
