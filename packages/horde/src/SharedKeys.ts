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
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { defaultLimits } from "./internal/call/declaration.js"
import type { Model } from "./internal/schema/model.js"
import { nullable } from "./internal/schema/nullable.js"
import { extra, optional } from "./internal/schema/optional.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { readDate } from "./internal/schema/timestamp.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"

/**
 * The id of a shared key. It is the key itself: a credential that spends the owner's kudos.
 *
 * @since 0.1.0
 * @category ids
 */
export type SharedKeyId = Redacted.Redacted<typeof RawSharedKeyId.Type>

const RawSharedKeyId = /* @__PURE__ */ Schema.NonEmptyString.pipe(Schema.brand("SharedKeyId"))

/**
 * The schema of {@link SharedKeyId}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyId: Schema.Schema<SharedKeyId, string> = sensitive(Schema.Redacted(RawSharedKeyId))

/**
 * Makes the id of a shared key from its text. An empty id is refused when a call uses it.
 *
 * @since 0.1.0
 * @category ids
 */
export const sharedKeyId = (id: string): SharedKeyId =>
  Redacted.make(RawSharedKeyId.make(id, { disableValidation: true }))

const unlimitedOrUpTo = (max: number) => optional(Schema.Int.pipe(Schema.between(-1, max)))

/** The server's dates end with the year 9999. A later expiry makes it reply with status 500. */
const maxExpiryDays = 2_900_000

const inputFields = {
  /** The budget in kudos, −1 (unlimited) to 50,000,000; 5,000 for a new key. Modifying sets the remaining budget. */
  kudos: unlimitedOrUpTo(50_000_000),
  /** Days from now until the key expires, −1 (never) to 2,900,000; −1 for a new key. */
  expiry: unlimitedOrUpTo(maxExpiryDays),
  /** A name for the owner's own use, 3 to 255 characters. */
  name: optional(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(255))),
  /** The maximum size of an image in pixels (width × height), −1 (unlimited) to 4,194,304. */
  max_image_pixels: unlimitedOrUpTo(4_194_304),
  /** The maximum number of steps of an image, −1 (unlimited) to 500. */
  max_image_steps: unlimitedOrUpTo(500),
  /** The maximum length of a text in tokens, −1 (unlimited) to 500. */
  max_text_tokens: unlimitedOrUpTo(500),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The limits of a shared key. All fields are optional.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyInput extends Schema.Struct.Type<typeof inputFields> {}

/**
 * The schema of {@link SharedKeyInput}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyInput: Schema.Schema<SharedKeyInput> = /* @__PURE__ */ Schema.Struct(inputFields).annotations({
  identifier: "SharedKeyInput"
})

const SharedKeyChanges: Schema.Schema<SharedKeyInput> = Schema.Struct(inputFields).pipe(
  Schema.filter(({ extra, ...known }) => Object.values({ ...known, ...extra }).some((value) => value !== undefined), {
    description: "an object with at least one field"
  }),
  Schema.annotations({ identifier: "SharedKeyInput" })
)

const activeUsageFields = {
  requests: nullable(Schema.Number),
  queued: nullable(Schema.Number),
  processing: nullable(Schema.Number),
  finished: nullable(Schema.Number),
  /** The age of the oldest waiting request, in seconds. */
  oldest_queued_age: nullable(Schema.Number)
}

/**
 * The waiting and running jobs of one kind under a shared key.
 *
 * @since 0.1.0
 * @category models
 */
export interface ActiveUsage extends Schema.Struct.Type<typeof activeUsageFields> {}

const ActiveUsage: Model<ActiveUsage, typeof activeUsageFields> = Schema.Struct(activeUsageFields)

/** A number that does not decode must not make the reply fail: it contains the id of a key that was just created. */
const number = fallback(Schema.Number, Number.NaN)

const detailsBesidesExpiry = {
  id: SharedKeyId,
  /** The owner, as `alias#id`. */
  username: fallback(Schema.String, ""),
  name: nullable(Schema.String),
  /** The remaining budget in kudos; −1 for unlimited. */
  kudos: number,
  /** The kudos spent with the key so far. */
  utilized: number,
  /** Negative for unlimited; 0 allows no images. */
  max_image_pixels: number,
  /** Negative for unlimited; 0 allows no images. */
  max_image_steps: number,
  /** Negative for unlimited; 0 allows no texts. */
  max_text_tokens: number,
  /** Active jobs. Newer servers send them to the owner, under the account's own key. */
  active_usage: nullable(Schema.Struct({ image: nullable(ActiveUsage), text: nullable(ActiveUsage) }))
}

const detailsJsonFields = { ...detailsBesidesExpiry, expiry: nullable(Schema.Unknown) }

const detailsFields = {
  ...detailsBesidesExpiry,
  /** The time when the key expires. Absent for a key that never expires, and where {@link expiry_unreadable} is set. */
  expiry: Schema.optionalWith(Schema.DateTimeUtcFromSelf, { exact: true }),
  /** The server's `expiry` where it is not a date: it is then unknown whether and when the key expires. */
  expiry_unreadable: Schema.optionalWith(Schema.String, { exact: true })
}

/**
 * A shared key. Its limits may be outside the ranges of {@link SharedKeyInput}: the server enforces no ranges. A number
 * that does not decode is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyDetails extends Schema.Struct.Type<typeof detailsFields> {}

/**
 * {@link SharedKeyDetails} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyDetailsEncoded extends Schema.Struct.Encoded<typeof detailsJsonFields> {}

/**
 * The schema of {@link SharedKeyDetails}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyDetails: Schema.Schema<SharedKeyDetails, SharedKeyDetailsEncoded> =
  /* @__PURE__ */ Schema.transform(Schema.Struct(detailsJsonFields), Schema.typeSchema(Schema.Struct(detailsFields)), {
    strict: true,
    decode: ({ expiry: sent, ...others }) => {
      const { date, unreadable } = readDate(sent)
      return {
        ...others,
        ...(date === undefined ? {} : { expiry: date }),
        ...(unreadable === undefined ? {} : { expiry_unreadable: unreadable })
      }
    },
    encode: ({ expiry, expiry_unreadable: unreadable, ...others }) => {
      const sent = expiry === undefined ? unreadable : DateTime.formatIso(expiry)
      return sent === undefined ? others : { ...others, expiry: sent }
    }
  }).annotations({ identifier: "SharedKeyDetails" })

const simpleFields = { message: fallback(Schema.String, "") }

/**
 * A reply that only confirms success.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimpleResponse extends Schema.Struct.Type<typeof simpleFields> {}

/**
 * The schema of {@link SimpleResponse}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SimpleResponse: Schema.Schema<SimpleResponse> = /* @__PURE__ */ Schema.Struct(simpleFields).annotations({
  identifier: "SimpleResponse"
})

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
  limits: defaultLimits,
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
  limits: defaultLimits,
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
  limits: defaultLimits,
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
export const layer: Layer.Layer<Create | Get | Modify | Delete, never, HordeClient> =
  // bundlers drop it, and the endpoints that are not used, where only one endpoint is imported
  /* @__PURE__ */ Layer.suspend(() => Layer.mergeAll(Create.layer, Get.layer, Modify.layer, Delete.layer))
