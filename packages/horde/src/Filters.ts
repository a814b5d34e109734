/**
 * Filters: the regular expressions with which the server checks prompts. All calls are for moderators.
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
import { sensitive } from "./internal/schema/sensitive.js"
import { SimpleResponse } from "./internal/schema/simpleResponse.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"

/** The errors of all routes, and of the routes of one filter. */
const errors = [HordeError.Unauthorized, HordeError.Forbidden] as const
const errorsOfOne = [...errors, HordeError.NotFound] as const

const detailsFields = {
  id: Schema.String,
  regex: fallback(Schema.String, ""),
  /** The kind of the filter, 10 to 29. */
  filter_type: nullableNumber,
  description: nullableText,
  /** The text that replaces a match. */
  replacement: nullableText,
  /** The author, as `alias#id`. */
  user: nullableText
}

/**
 * A filter.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterDetails extends Schema.Struct.Type<typeof detailsFields> {}

/**
 * The schema of {@link FilterDetails}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterDetails: Model<FilterDetails, typeof detailsFields> = model("FilterDetails", detailsFields)

const FilterType = Schema.Int.pipe(Schema.between(10, 29))

const besidesRule = {
  description: optional(Schema.String),
  /** The text that replaces a match; empty by default. */
  replacement: optional(Schema.String),
  /** Fields that this version does not declare. */
  extra
}

const createFields = {
  regex: Schema.String,
  /** The kind of the filter, 10 to 29. */
  filter_type: FilterType,
  ...besidesRule
}

/**
 * A new filter.
 *
 * @since 0.1.0
 * @category models
 */
export interface PutNewFilter extends Schema.Struct.Type<typeof createFields> {}

const PutNewFilter: Schema.Schema<PutNewFilter> = Schema.Struct(createFields).annotations({
  identifier: "PutNewFilter"
})

const changeFields = {
  regex: optional(Schema.String),
  /** The kind of the filter, 10 to 29. */
  filter_type: optional(FilterType),
  ...besidesRule
}

/**
 * The changes of a filter. All fields are optional, and at least one must be given.
 *
 * @since 0.1.0
 * @category models
 */
export interface PatchExistingFilter extends Schema.Struct.Type<typeof changeFields> {}

const PatchExistingFilter: Schema.Schema<PatchExistingFilter> = changes(
  "PatchExistingFilter",
  Schema.Struct(changeFields)
)

const listFields = {
  filter_type: optional(Schema.Int),
  /** Only filters whose expression contains this text. */
  contains: optional(Schema.String)
}

/**
 * Which filters to list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListQuery extends Schema.Struct.Type<typeof listFields> {}

/**
 * `GET /v2/filters`: the filters; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/filters}
 * @since 0.1.0
 * @category endpoints
 */
export class List extends /* @__PURE__ */ Endpoint.Service<List>()("Filters/List", {
  method: "GET",
  path: "/v2/filters",
  query: listFields,
  success: { 200: Schema.Array(FilterDetails) },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `PUT /v2/filters`: creates a filter, a new one with each call; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PUT /v2/filters}
 * @since 0.1.0
 * @category endpoints
 */
export class Create extends /* @__PURE__ */ Endpoint.Service<Create>()("Filters/Create", {
  method: "PUT",
  path: "/v2/filters",
  payload: PutNewFilter,
  // the server replies with 200, and documents 201
  success: { 200: FilterDetails, 201: FilterDetails },
  error: errors,
  apiKey: "required",
  idempotent: false
}) {}

const testFields = {
  prompt: sensitive(Schema.String),
  /** Tests the filters of this kind only. */
  filter_type: optional(Schema.Int),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The prompt to test.
 *
 * @since 0.1.0
 * @category models
 */
export interface TestInput extends Schema.Struct.Type<typeof testFields> {}

const TestInput: Schema.Schema<TestInput> = Schema.Struct(testFields)

const suspicionFields = {
  /** How suspicious the prompt is: a number, as text. */
  suspicion: fallback(Schema.String, ""),
  /** The parts of the prompt that match. */
  matches: nullable(Schema.Array(sensitive(Schema.String)))
}

/**
 * The result of a test.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterPromptSuspicion extends Schema.Struct.Type<typeof suspicionFields> {}

/**
 * The schema of {@link FilterPromptSuspicion}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterPromptSuspicion: Model<FilterPromptSuspicion, typeof suspicionFields> = model(
  "FilterPromptSuspicion",
  suspicionFields
)

/**
 * `POST /v2/filters`: tests a prompt against the filters, and changes nothing; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/filters}
 * @since 0.1.0
 * @category endpoints
 */
export class Test extends /* @__PURE__ */ Endpoint.Service<Test>()("Filters/Test", {
  method: "POST",
  path: "/v2/filters",
  payload: TestInput,
  success: { 200: FilterPromptSuspicion },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

const regexFields = { filter_type: nullableNumber, regex: nullableText }

/**
 * All filters of one kind as one expression, which is absent if there are none.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilterRegex extends Schema.Struct.Type<typeof regexFields> {}

/**
 * The schema of {@link FilterRegex}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FilterRegex: Model<FilterRegex, typeof regexFields> = model("FilterRegex", regexFields)

/**
 * `GET /v2/filters/regex`: the filters of each kind, joined to one expression; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/filters/regex}
 * @since 0.1.0
 * @category endpoints
 */
export class Regex extends /* @__PURE__ */ Endpoint.Service<Regex>()("Filters/Regex", {
  method: "GET",
  path: "/v2/filters/regex",
  query: { filter_type: optional(Schema.Int) },
  success: { 200: Schema.Array(FilterRegex) },
  error: errors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `GET /v2/filters/{id}`: a filter; moderators only. The server caches its reply for 10 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/filters/(filter_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends /* @__PURE__ */ Endpoint.Service<Get>()("Filters/Get", {
  method: "GET",
  path: "/v2/filters/:id",
  params: { id: Schema.String },
  success: { 200: FilterDetails },
  error: errorsOfOne,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `PATCH /v2/filters/{id}`: changes the given fields; moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/filters/(filter_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends /* @__PURE__ */ Endpoint.Service<Modify>()("Filters/Modify", {
  method: "PATCH",
  path: "/v2/filters/:id",
  params: { id: Schema.String },
  payload: PatchExistingFilter,
  success: { 200: FilterDetails },
  error: errorsOfOne,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `DELETE /v2/filters/{id}`: deletes a filter; moderators only. A delete that is retried after a lost reply may fail with
 * `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/filters/(filter_id)}
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends /* @__PURE__ */ Endpoint.Service<Delete>()("Filters/Delete", {
  method: "DELETE",
  path: "/v2/filters/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: errorsOfOne,
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
 * The filters.
 *
 * @since 0.1.0
 * @category functions
 */
export const list = (query: ListQuery = {}): Effect.Effect<ReadonlyArray<FilterDetails>, ListError, List> =>
  Effect.flatMap(List, (call) => call({ query }))

/**
 * The errors of {@link create}.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = Endpoint.ErrorOf<typeof Create>

/**
 * Creates a filter. The call is never retried, because a retry may create a second one.
 *
 * @since 0.1.0
 * @category functions
 */
export const create = (input: PutNewFilter): Effect.Effect<FilterDetails, CreateError, Create> =>
  Effect.flatMap(Create, (call) => call({ payload: input }))

/**
 * The errors of {@link test}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TestError = Endpoint.ErrorOf<typeof Test>

/**
 * Tests a prompt against the filters.
 *
 * @since 0.1.0
 * @category functions
 */
export const test = (input: TestInput): Effect.Effect<FilterPromptSuspicion, TestError, Test> =>
  Effect.flatMap(Test, (call) => call({ payload: input }))

/**
 * The errors of {@link regex}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RegexError = Endpoint.ErrorOf<typeof Regex>

/**
 * The filters of each kind, joined to one expression.
 *
 * @since 0.1.0
 * @category functions
 */
export const regex = (filterType?: number): Effect.Effect<ReadonlyArray<FilterRegex>, RegexError, Regex> =>
  Effect.flatMap(Regex, (call) => call({ query: { filter_type: filterType } }))

/**
 * The errors of {@link get}.
 *
 * @since 0.1.0
 * @category errors
 */
export type GetError = Endpoint.ErrorOf<typeof Get>

/**
 * A filter by its id. The reply may be up to 10 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: string): Effect.Effect<FilterDetails, GetError, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * The errors of {@link modify}.
 *
 * @since 0.1.0
 * @category errors
 */
export type ModifyError = Endpoint.ErrorOf<typeof Modify>

/**
 * Changes a filter. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (id: string, changes: PatchExistingFilter): Effect.Effect<FilterDetails, ModifyError, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * The errors of {@link remove}.
 *
 * @since 0.1.0
 * @category errors
 */
export type RemoveError = Endpoint.ErrorOf<typeof Delete>

/**
 * Deletes a filter.
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
export const layer: Layer.Layer<List | Create | Test | Regex | Get | Modify | Delete, never, HordeClient> =
  /* @__PURE__ */ Layer.suspend(() =>
    Layer.mergeAll(List.layer, Create.layer, Test.layer, Regex.layer, Get.layer, Modify.layer, Delete.layer)
  )
