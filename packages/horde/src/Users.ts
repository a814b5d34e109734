/**
 * Accounts: your own in full, the public part of others.
 *
 * An account lists its own jobs until the server deletes them, including those whose submit got no reply.
 *
 * @example
 * ```ts
 * import * as Users from "effect-horde/Users"
 * import * as Effect from "effect/Effect"
 *
 * export const left = Effect.gen(function* () {
 *   const { active_generations, kudos } = yield* Users.me
 *   return { kudos, jobs: active_generations?.image?.length ?? 0 }
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
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { optional } from "./internal/schema/optional.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"
import { ModifyUser, ModifyUserInput, UserDetails } from "./internal/users/models.js"

export {
  ModifyUser,
  type ModifyUserInput,
  type UserActiveGenerations,
  type UserAmountRecords,
  UserDetails,
  type UserDetailsEncoded,
  type UserKudosDetails,
  type UserRecords,
  type UserThingRecords
} from "./internal/users/models.js"

const id = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())

/** The limit of the routes of one account. */
const limits = [{ max: 60, per: "1 minute", key: "path" }] as const

const changeErrors = [HordeError.NotFound, HordeError.Unauthorized, HordeError.Forbidden] as const

/**
 * `GET /v2/find_user`: the account of the API key. A shared key shows the public details of its owner, including the
 * owner's balance. The server caches its reply for 30 seconds. An unknown key is `NotFound`, not `Unauthorized`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Find extends /* @__PURE__ */ Endpoint.Service<Find>()("Users/Find", {
  method: "GET",
  path: "/v2/find_user",
  success: { 200: UserDetails },
  error: [HordeError.Unauthorized, HordeError.NotFound],
  apiKey: "required",
  idempotent: true,
  hints: { 404: "no account has this API key, and no shared key this id" }
}) {}

/**
 * `GET /v2/users/{id}`: an account by its number, in full for the account itself. The server caches its reply for 30
 * seconds. A key of no account, such as a shared key, is `Unauthorized`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("Users/Get", {
  method: "GET",
  path: "/v2/users/:id",
  params: { id },
  success: { 200: UserDetails },
  error: [HordeError.Unauthorized, HordeError.NotFound],
  apiKey: "optional",
  idempotent: true,
  limits,
  hints: { 401: "no account has this API key; shared keys are not accepted here" }
}) {}

const listFields = {
  /** The page, from 1; a page has 25 accounts. 1 by default. */
  page: optional(Schema.Int.pipe(Schema.positive())),
  /** The richest or the oldest accounts first; `kudos` by default. */
  sort: optional(openEnum<OpenEnum<"kudos" | "age">>())
}

/**
 * Which accounts to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListQuery extends Schema.Struct.Type<typeof listFields> {}

/**
 * `GET /v2/users`: all accounts, 25 a page. It needs no API key. A page after the last one is empty. The list is up to 5
 * minutes old.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/users}
 * @since 0.1.0
 * @category endpoints
 */
export class List extends /* @__PURE__ */ Endpoint.Service<List>()("Users/List", {
  method: "GET",
  path: "/v2/users",
  query: listFields,
  success: { 200: Schema.Array(UserDetails) },
  error: [],
  apiKey: "none",
  idempotent: true
}) {}

/**
 * `PUT /v2/users/{id}`: changes the given fields of your own account, or as a moderator or administrator those of
 * others; fields that the caller may not change are `Forbidden`. Profanity, a long alias and a request without changes
 * are `BadRequest`. The reply has the changed fields only. The call is never retried, because `kudos` and
 * `monthly_kudos` are added and not set.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PUT /v2/users/(user_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("Users/Modify", {
  method: "PUT",
  path: "/v2/users/:id",
  params: { id },
  payload: ModifyUserInput,
  success: { 200: ModifyUser },
  error: changeErrors,
  apiKey: "required",
  idempotent: false,
  limits
}) {}

/**
 * `DELETE /v2/users/{id}`: marks your own account as deleted, or as a moderator that of others. A second call, after 30
 * days without use, deletes its data for good; before that it is `Forbidden`. For this reason the call is never
 * retried. {@link modify} with `undelete` takes the mark back.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/users/(user_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("Users/Delete", {
  method: "DELETE",
  path: "/v2/users/:id",
  params: { id },
  success: { 200: SimpleResponse },
  error: changeErrors,
  apiKey: "required",
  idempotent: false,
  limits
}) {}

/**
 * The errors of {@link me}.
 *
 * @since 0.1.0
 * @category errors
 */
export type MeError = Endpoint.ErrorOf<typeof Find>

/**
 * The account of the API key. Under a shared key, the public details of its owner: `kudos` is the owner's balance, not
 * the remaining budget of the key. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const me: Effect.Effect<UserDetails, MeError, Find> = Effect.flatMap(Find, (call) => call())

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * An account by its number. The reply may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: number): Effect.Effect<UserDetails, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link list}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListError = Endpoint.ErrorOf<typeof List>

/**
 * Accounts, 25 a page. The list may be up to 5 minutes old.
 *
 * @since 0.1.0
 * @category functions
 */
export const list = (query: ListQuery = {}): Effect.Effect<ReadonlyArray<UserDetails>, ListError, List> =>
  Effect.flatMap(List, (call) => call({ query }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes an account. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (id: number, changes: ModifyUserInput): Effect.Effect<ModifyUser, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Marks an account as deleted, or deletes a marked account for good.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: number): Effect.Effect<SimpleResponse, RemoveError, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Find | Get | List | Modify | Delete, never, HordeClient> =
  /* @__PURE__ */ Layer.suspend(() => Layer.mergeAll(Find.layer, Get.layer, List.layer, Modify.layer, Delete.layer))
