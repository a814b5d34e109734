/**
 * Teams: groups of workers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { changes } from "./internal/schema/changes.js"
import { type Model, model } from "./internal/schema/model.js"
import { nullable, nullableNumber, nullableText } from "./internal/schema/nullable.js"
import { extra, optional } from "./internal/schema/optional.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"
import { type Deleted, deleted, WorkerDetailsLite } from "./internal/workers/models.js"

/** All routes of teams publish this limit. */
const limits = [{ max: 30, per: "1 minute", key: "path" }] as const

const ownerErrors = [HordeError.NotFound, HordeError.Unauthorized, HordeError.Forbidden] as const

const detailsFields = {
  id: Schema.String,
  name: fallback(Schema.String, ""),
  info: nullableText,
  /** The number of results that the team's workers delivered. */
  requests_fulfilled: nullableNumber,
  /** Kudos earned by the team's workers. */
  kudos: nullableNumber,
  /** Seconds that the team's workers were online, in total. */
  uptime: nullableNumber,
  /** The creator, as `alias#id`. */
  creator: nullableText,
  worker_count: nullableNumber,
  workers: nullable(Schema.Array(WorkerDetailsLite)),
  /** The models that the team's workers offer, with the number of these workers. */
  models: nullable(Schema.Array(Schema.Struct({ name: nullableText, count: nullableNumber })))
}

/**
 * A team.
 *
 * @since 0.1.0
 * @category models
 */
export interface TeamDetails extends Schema.Struct.Type<typeof detailsFields> {}

/**
 * The schema of {@link TeamDetails}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TeamDetails: Model<TeamDetails, typeof detailsFields> = model("TeamDetails", detailsFields)

const Name = Schema.String.pipe(Schema.minLength(3), Schema.maxLength(100))

const besidesName = {
  /** A public description, 3 to 1,000 characters. */
  info: optional(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(1000))),
  /** Fields that this version does not declare. */
  extra
}

const createFields = {
  /** A name that no other team has, 3 to 100 characters. */
  name: Name,
  ...besidesName
}

/**
 * A new team.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreateTeamInput extends Schema.Struct.Type<typeof createFields> {}

const CreateTeamInput: Schema.Schema<CreateTeamInput> = Schema.Struct(createFields).annotations({
  identifier: "CreateTeamInput"
})

const changeFields = {
  /** A name that no other team has, 3 to 100 characters. */
  name: optional(Name),
  ...besidesName
}

/**
 * The changes of a team. All fields are optional, and at least one must be given.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyTeamInput extends Schema.Struct.Type<typeof changeFields> {}

const ModifyTeamInput: Schema.Schema<ModifyTeamInput> = changes("ModifyTeamInput", Schema.Struct(changeFields))

const changedFields = { id: nullableText, name: nullableText, info: nullableText }

/**
 * The changed fields of a team, and no others.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyTeam extends Schema.Struct.Type<typeof changedFields> {}

/**
 * The schema of {@link ModifyTeam}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModifyTeam: Model<ModifyTeam, typeof changedFields> = model("ModifyTeam", changedFields)

const createdFields = { ...changedFields, id: Schema.String }

/**
 * A team that was created: {@link ModifyTeam} with its id.
 *
 * @since 0.1.0
 * @category models
 */
export interface CreatedTeam extends Schema.Struct.Type<typeof createdFields> {}

const CreatedTeam: Model<CreatedTeam, typeof createdFields> = model("ModifyTeam", createdFields)

/**
 * `GET /v2/teams`: all teams. It needs no API key. The server caches its reply for 10 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/teams}
 * @since 0.1.0
 * @category endpoints
 */
export class List extends /* @__PURE__ */ Endpoint.Service<List>()("Teams/List", {
  method: "GET",
  path: "/v2/teams",
  success: { 200: Schema.Array(TeamDetails) },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits
}) {}

/**
 * `POST /v2/teams`: creates a team; trusted accounts only (`Forbidden` for others). A taken name and profanity are
 * `BadRequest`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/teams}
 * @since 0.1.0
 * @category endpoints
 */
export class Create extends /* @__PURE__ */ Endpoint.Service<Create>()("Teams/Create", {
  method: "POST",
  path: "/v2/teams",
  payload: CreateTeamInput,
  success: { 200: CreatedTeam },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false,
  limits
}) {}

/**
 * `GET /v2/teams/{id}`: a team. No API key is sent, since the server refuses every key that is not a moderator's. The
 * server caches its reply for 3 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/teams/(team_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("Teams/Get", {
  method: "GET",
  path: "/v2/teams/:id",
  params: { id: Schema.String },
  success: { 200: TeamDetails },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits
}) {}

/**
 * `PATCH /v2/teams/{id}`: changes the given fields; creator and moderators only. A taken name and profanity are
 * `BadRequest`. The reply has the changed fields only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/teams/(team_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("Teams/Modify", {
  method: "PATCH",
  path: "/v2/teams/:id",
  params: { id: Schema.String },
  payload: ModifyTeamInput,
  success: { 200: ModifyTeam },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits
}) {}

/**
 * `DELETE /v2/teams/{id}`: deletes a team; creator and moderators only. A delete that is retried after a lost reply may
 * fail with `NotFound`, because the team no longer exists.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/teams/(team_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("Teams/Delete", {
  method: "DELETE",
  path: "/v2/teams/:id",
  params: { id: Schema.String },
  success: { 200: deleted("DeletedTeam") },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits
}) {}

/**
 * The errors of {@link list}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListError = Endpoint.ErrorOf<typeof List>

/**
 * All teams. The reply may be up to 10 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const list: Effect.Effect<ReadonlyArray<TeamDetails>, ListError, List> = Effect.flatMap(List, (call) => call())

/**
 * The errors of {@link create}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = Endpoint.ErrorOf<typeof Create>

/**
 * Creates a team. The call is never retried, because a retry would find the name taken.
 *
 * @since 0.1.0
 * @category functions
 */
export const create = (input: CreateTeamInput): Effect.Effect<CreatedTeam, CreateError, Create> =>
  Effect.flatMap(Create, (call) => call({ payload: input }))

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * A team by its id. The reply may be up to 3 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: string): Effect.Effect<TeamDetails, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes a team. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (id: string, changes: ModifyTeamInput): Effect.Effect<ModifyTeam, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Deletes a team.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: string): Effect.Effect<Deleted, RemoveError, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<List | Create | Get | Modify | Delete, never, HordeClient> =
  /* @__PURE__ */ Layer.suspend(() => Layer.mergeAll(List.layer, Create.layer, Get.layer, Modify.layer, Delete.layer))
