/**
 * Shared keys: keys under which others spend an account's kudos, within limits that the owner sets.
 *
 * Whoever knows the id of a shared key can spend through it, so the id is `Redacted`, in and out.
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
import { nullable } from "./internal/schema/nullable.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { readDate } from "./internal/schema/timestamp.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"

/**
 * The id of a shared key, which is the key itself: whoever has it can spend.
 *
 * @since 0.1.0
 * @category ids
 */
export type SharedKeyId = Redacted.Redacted<typeof RawSharedKeyId.Type>

const RawSharedKeyId = Schema.NonEmptyString.pipe(Schema.brand("SharedKeyId"))

/**
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyId: Schema.Schema<SharedKeyId, string> = sensitive(Schema.Redacted(RawSharedKeyId))

/**
 * A shared key's id from its text. An empty one is refused when it is used.
 *
 * @since 0.1.0
 * @category ids
 */
export const sharedKeyId = (id: string): SharedKeyId =>
  Redacted.make(RawSharedKeyId.make(id, { disableValidation: true }))

/**
 * What a shared key allows. Every field may be left out.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyInput {
  /** The budget in kudos, −1 (unlimited) to 50,000,000. A new key gets 5,000. Modifying sets what remains. */
  readonly kudos?: number | undefined
  /** Days from now until the key expires, up to 2,900,000; −1 for never, which is what a new key gets. */
  readonly expiry?: number | undefined
  /** A name for the owner's own use, 3 to 255 characters. */
  readonly name?: string | undefined
  /** The most pixels (width × height) that a picture may have, up to 4,194,304; −1 for no limit. */
  readonly max_image_pixels?: number | undefined
  /** The most steps that a picture may take, up to 500; −1 for no limit. */
  readonly max_image_steps?: number | undefined
  /** The most tokens that a text may have, up to 500; −1 for no limit. */
  readonly max_text_tokens?: number | undefined
  /** Fields that this version does not know yet. */
  readonly extra?: { readonly [field: string]: unknown } | undefined
}

const unlimitedOrUpTo = (max: number) => Schema.optional(Schema.Int.pipe(Schema.between(-1, max)))

/** The server's dates end with the year 9999; it answers 500 to a later one. */
const mostDays = 2_900_000

const inputFields = {
  kudos: unlimitedOrUpTo(50_000_000),
  expiry: unlimitedOrUpTo(mostDays),
  name: Schema.optional(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(255))),
  max_image_pixels: unlimitedOrUpTo(4_194_304),
  max_image_steps: unlimitedOrUpTo(500),
  max_text_tokens: unlimitedOrUpTo(500),
  extra: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyInput: Schema.Schema<SharedKeyInput> = Schema.Struct(inputFields).annotations({
  identifier: "SharedKeyInput"
})

const SharedKeyChanges: Schema.Schema<SharedKeyInput> = Schema.Struct(inputFields).pipe(
  Schema.filter(({ extra, ...known }) => Object.values({ ...known, ...extra }).some((value) => value !== undefined), {
    description: "an object with at least one field"
  }),
  Schema.annotations({ identifier: "SharedKeyInput" })
)

/**
 * What is waiting and running under a shared key, of one kind of job.
 *
 * @since 0.1.0
 * @category models
 */
export interface ActiveUsage {
  readonly requests?: number
  readonly queued?: number
  readonly processing?: number
  readonly finished?: number
  /** The age of the oldest request that waits, in seconds. */
  readonly oldest_queued_age?: number
}

const ActiveUsageStruct = Schema.Struct({
  requests: nullable(Schema.Number),
  queued: nullable(Schema.Number),
  processing: nullable(Schema.Number),
  finished: nullable(Schema.Number),
  oldest_queued_age: nullable(Schema.Number)
})

/**
 * A shared key as the server knows it. What it allows may lie outside {@link SharedKeyInput}: the server enforces no
 * ranges. A number that the server sent in a form that cannot be read is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyDetails {
  readonly id: SharedKeyId
  /** The owner, as `alias#id`. */
  readonly username: string
  readonly name?: string
  /** What is left of the budget; −1 for unlimited. */
  readonly kudos: number
  /** When the key expires; absent when never, and where {@link expiry_unreadable} is there. */
  readonly expiry?: DateTime.Utc
  /** What the server sent as `expiry` where that is not a date: it is then unknown whether and when the key expires. */
  readonly expiry_unreadable?: string
  /** The kudos spent through the key so far. */
  readonly utilized: number
  /** Negative for no limit, 0 forbids all. */
  readonly max_image_pixels: number
  /** Negative for no limit, 0 forbids all. */
  readonly max_image_steps: number
  /** Negative for no limit, 0 forbids all. */
  readonly max_text_tokens: number
  /** What is under way; only on newer servers, and only for the owner who sends the account's own key. */
  readonly active_usage?: { readonly image?: ActiveUsage; readonly text?: ActiveUsage }
}

/** What only informs must not cost the id of a key that was just created. */
const informative = fallback(Schema.Number, Number.NaN)

const detailsBesidesExpiry = {
  id: SharedKeyId,
  username: fallback(Schema.String, ""),
  name: nullable(Schema.String),
  kudos: informative,
  utilized: informative,
  max_image_pixels: informative,
  max_image_steps: informative,
  max_text_tokens: informative,
  active_usage: nullable(Schema.Struct({ image: nullable(ActiveUsageStruct), text: nullable(ActiveUsageStruct) }))
}

const SharedKeyDetailsStruct = Schema.transform(
  Schema.Struct({ ...detailsBesidesExpiry, expiry: nullable(Schema.Unknown) }),
  Schema.typeSchema(
    Schema.Struct({
      ...detailsBesidesExpiry,
      expiry: Schema.optionalWith(Schema.DateTimeUtcFromSelf, { exact: true }),
      expiry_unreadable: Schema.optionalWith(Schema.String, { exact: true })
    })
  ),
  {
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
  }
).annotations({ identifier: "SharedKeyDetails" })

/**
 * {@link SharedKeyDetails} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface SharedKeyDetailsEncoded extends Schema.Schema.Encoded<typeof SharedKeyDetailsStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyDetails: Schema.Schema<SharedKeyDetails, SharedKeyDetailsEncoded> = SharedKeyDetailsStruct

/**
 * An answer that only says that it worked.
 *
 * @since 0.1.0
 * @category models
 */
export interface SimpleResponse {
  readonly message: string
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SimpleResponse: Schema.Schema<SimpleResponse> = Schema.Struct({
  message: fallback(Schema.String, "")
}).annotations({ identifier: "SimpleResponse" })

const unknownKey = "no account has this API key, or no shared key has this id"

/**
 * `PUT /v2/sharedkeys`: creates a key, a new one with each call. An account has room for 3 of them (trusted 10,
 * education 1,000); at the limit it answers `Forbidden`. The anonymous account has none.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Create extends Endpoint.Service<Create>()("SharedKeys/Create", {
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
 * `GET /v2/sharedkeys/{id}`: reads a key, for anyone who knows its id. The server keeps its answer for 60 seconds, so
 * it may be that old. An unknown id is `Unauthorized`, not `NotFound`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends Endpoint.Service<Get>()("SharedKeys/Get", {
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
 * `PATCH /v2/sharedkeys/{id}`: changes the fields that are given, for the owner alone (`Forbidden` for all others).
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Modify extends Endpoint.Service<Modify>()("SharedKeys/Modify", {
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
 * `DELETE /v2/sharedkeys/{id}`: deletes a key, for the owner alone. Requests that still wait under it disappear. A
 * delete whose answer was lost and is asked for again answers `Unauthorized`: the key is gone.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Delete extends Endpoint.Service<Delete>()("SharedKeys/Delete", {
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
 * Creates a shared key. It is never repeated: a second try might be a second key.
 *
 * @since 0.1.0
 * @category functions
 */
export const create = (
  input: SharedKeyInput = {}
): Effect.Effect<SharedKeyDetails, Endpoint.ErrorOf<typeof Create>, Create> =>
  Effect.flatMap(Create, (call) => call({ payload: input }))

/**
 * Reads a shared key. The answer may be up to 60 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: SharedKeyId): Effect.Effect<SharedKeyDetails, Endpoint.ErrorOf<typeof Get>, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * Changes what a shared key allows. At least one field must be given.
 *
 * @since 0.1.0
 * @category functions
 */
export const modify = (
  id: SharedKeyId,
  changes: SharedKeyInput
): Effect.Effect<SharedKeyDetails, Endpoint.ErrorOf<typeof Modify>, Modify> =>
  Effect.flatMap(Modify, (call) => call({ params: { id }, payload: changes }))

/**
 * Deletes a shared key.
 *
 * @since 0.1.0
 * @category functions
 */
export const remove = (id: SharedKeyId): Effect.Effect<SimpleResponse, Endpoint.ErrorOf<typeof Delete>, Delete> =>
  Effect.flatMap(Delete, (call) => call({ params: { id } }))

/**
 * Creates a shared key that is deleted when the scope closes, however it closes. A delete that fails is logged: the key
 * is then still there.
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
 * Reads a shared key as it stands now or later. The server keeps an answer for 60 seconds, so this waits for as long
 * before it asks.
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
export const layer: Layer.Layer<Create | Get | Modify | Delete, never, HordeClient> = Layer.mergeAll(
  Create.layer,
  Get.layer,
  Modify.layer,
  Delete.layer
)
