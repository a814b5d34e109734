/**
 * Collections of styles: a request that names a collection in its field `style` uses one of its styles.
 *
 * Servers up to version 5.1.5 fail for such requests.
 *
 * @example
 * ```ts
 * import * as Collections from "effect-horde/Collections"
 * import * as Effect from "effect/Effect"
 *
 * export const inks = Effect.gen(function* () {
 *   const { id } = yield* Collections.create({ name: "inks", styles: ["ink drawing"] })
 *   return yield* Collections.get(id)
 * })
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
import {
  CollectionChanges,
  type CollectionQuery,
  collectionQuery,
  InputModelCollection,
  ResponseModelCollection
} from "./internal/collections/models.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"
import { StyleModify } from "./internal/styles/modified.js"
import { ownerErrors, styleLimits } from "./internal/styles/routes.js"

export {
  CollectionChanges,
  type CollectionQuery,
  InputModelCollection,
  ResponseModelCollection
} from "./internal/collections/models.js"
export { SimpleResponse } from "./internal/schema/simpleResponse.js"
export { StyleModify } from "./internal/styles/modified.js"

/**
 * `GET /v2/collections`: lists the public collections. The server caches its reply for 30 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/collections}
 * @since 0.1.0
 * @category endpoints
 */
export class List extends /* @__PURE__ */ Endpoint.Service<List>()("Collections/List", {
  method: "GET",
  path: "/v2/collections",
  query: collectionQuery,
  success: { 200: Schema.Array(ResponseModelCollection) },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `POST /v2/collections`: creates a collection. The anonymous account cannot have collections.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/collections}
 * @since 0.1.0
 * @category endpoints
 */
export class Create extends /* @__PURE__ */ Endpoint.Service<Create>()("Collections/Create", {
  method: "POST",
  path: "/v2/collections",
  payload: InputModelCollection,
  success: { 200: StyleModify },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false,
  limits: styleLimits
}) {}

/**
 * `GET /v2/collections/{id}`: a collection by its id. The server caches its reply for 30 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/collections/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("Collections/Get", {
  method: "GET",
  path: "/v2/collections/:id",
  params: { id: Schema.String },
  success: { 200: ResponseModelCollection },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `GET /v2/collection_by_name/{name}`: a collection by its name. The server caches its reply for 30 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/collection_by_name/{name}}
 * @since 0.1.0
 * @category endpoints
 */
export class GetByName extends /* @__PURE__ */ Endpoint.Service<GetByName>()("Collections/GetByName", {
  method: "GET",
  path: "/v2/collection_by_name/:name",
  params: { name: Schema.String },
  success: { 200: ResponseModelCollection },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `PATCH /v2/collections/{id}`: changes the given fields of a collection; owner only. Servers up to version 5.1.5
 * refuse changes without `styles`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/collections/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("Collections/Modify", {
  method: "PATCH",
  path: "/v2/collections/:id",
  params: { id: Schema.String },
  payload: CollectionChanges,
  success: { 200: StyleModify },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `DELETE /v2/collections/{id}`: deletes a collection, but not its styles; owner and moderators only. A delete that is
 * retried after a lost reply may fail with `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/collections/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("Collections/Delete", {
  method: "DELETE",
  path: "/v2/collections/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * The errors of {@link list}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListError = Endpoint.ErrorOf<typeof List>

/**
 * Lists the public collections. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const list = (
  query: CollectionQuery = {}
): Effect.Effect<ReadonlyArray<ResponseModelCollection>, ListError, List> =>
  Effect.flatMap(List, (call) => call({ query }))

/**
 * The errors of {@link create}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = Endpoint.ErrorOf<typeof Create>

/**
 * Creates a collection. The call is never retried, because a retry may create a second collection.
 *
 * @since 0.1.0
 * @category functions
 */
export const create = (collection: InputModelCollection): Effect.Effect<StyleModify, CreateError, Create> =>
  Effect.flatMap(Create, (call) => call({ payload: collection }))

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * Reads a collection. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: string): Effect.Effect<ResponseModelCollection, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link getByName}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetByNameError = Endpoint.ErrorOf<typeof GetByName>

/**
 * Reads a collection by its name. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const getByName = (name: string): Effect.Effect<ResponseModelCollection, GetByNameError, GetByName> =>
  Effect.flatMap(GetByName, (call) => call({ params: { name } }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes the given fields of a collection.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (id: string, changes: CollectionChanges): Effect.Effect<StyleModify, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Deletes a collection. Its styles remain.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: string): Effect.Effect<SimpleResponse, RemoveError, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<List | Create | Get | GetByName | Modify | Delete, never, HordeClient> =
  /* @__PURE__ */ Layer.suspend(() =>
    Layer.mergeAll(List.layer, Create.layer, Get.layer, GetByName.layer, Modify.layer, Delete.layer)
  )
