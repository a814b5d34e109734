/** The models of shared keys. Programs import them from `SharedKeys`. */
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { changes } from "../schema/changes.js"
import type { Model } from "../schema/model.js"
import { nullable } from "../schema/nullable.js"
import { extra, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { readDate } from "../schema/timestamp.js"
import { fallback } from "../schema/tolerantDecoder.js"

/**
 * The id of a shared key. It is the key itself: a credential that spends the owner's kudos.
 *
 * @since 0.1.0
 * @category ids
 */
export type SharedKeyId = Redacted.Redacted<RawSharedKeyId>

const RawSharedKeyId = /* @__PURE__ */ Schema.NonEmptyString.pipe(Schema.brand("SharedKeyId"))

type RawSharedKeyId = typeof RawSharedKeyId.Type

const textOf = (id: SharedKeyId | RawSharedKeyId): RawSharedKeyId => (Redacted.isRedacted(id) ? Redacted.value(id) : id)

/**
 * The schema of {@link SharedKeyId}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SharedKeyId: Schema.Schema<SharedKeyId, string> = sensitive(
  Schema.transform(
    RawSharedKeyId,
    // programs without types, and those of the Promise API, have ids as text
    Schema.declare((id): id is SharedKeyId => Redacted.isRedacted(id) || typeof id === "string", {
      identifier: "SharedKeyId",
      arbitrary: () => (fc) => fc.uuid().map(sharedKeyId),
      equivalence: () => Redacted.getEquivalence((one, other) => one === other),
      pretty: () => String
    }),
    { strict: true, decode: (id) => Redacted.make(id), encode: textOf }
  )
)

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

/** {@link SharedKeyInput} with at least one field. */
export const SharedKeyChanges: Schema.Schema<SharedKeyInput> = changes("SharedKeyInput", SharedKeyInput)

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
