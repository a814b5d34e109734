/**
 * Kudos: transfers to other accounts and to shared keys, and awards.
 *
 * @example
 * ```ts
 * import * as Kudos from "effect-horde/Kudos"
 *
 * // the key of the invoice makes a second payment impossible, even by another process
 * export const pay = Kudos.transfer({ username: "owner#1", amount: 50 }, { idempotencyKey: "invoice-2026-17" })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { CurrentIdempotencyKey } from "./internal/call/idempotencyKey.js"
import { type Model, model } from "./internal/schema/model.js"
import { extra, optional } from "./internal/schema/optional.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"
import { SharedKeyId } from "./SharedKeys.js"

const amountField = optional(Schema.Int.pipe(Schema.positive()))

const transferFields = {
  /** The receiver: an account as `alias#id`, or the id of a shared key, whose budget grows by the amount. */
  username: sensitive(Schema.Union(Schema.NonEmptyString, SharedKeyId)),
  /** The amount in kudos, a whole number above 0; 100 by default. */
  amount: amountField,
  /** Fields that this version does not declare. */
  extra
}

/**
 * The receiver and the amount of a transfer.
 *
 * @since 0.1.0
 * @category models
 */
export interface TransferInput extends Schema.Struct.Type<typeof transferFields> {}

const TransferInput: Model<TransferInput, typeof transferFields> = Schema.Struct(transferFields)

const awardFields = {
  /** The receiver, as `alias#id`. */
  username: Schema.NonEmptyString,
  /** The amount in kudos, a whole number above 0; 100 by default. */
  amount: amountField,
  /** Fields that this version does not declare. */
  extra
}

/**
 * The receiver and the amount of an award.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwardInput extends Schema.Struct.Type<typeof awardFields> {}

const AwardInput: Model<AwardInput, typeof awardFields> = Schema.Struct(awardFields)

/** A number that does not decode must not make the reply fail: the kudos are booked. */
const amount = fallback(Schema.Number, Number.NaN)

const transferredFields = { transferred: amount }

/**
 * The booked transfer. A number that does not decode is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface KudosTransferred extends Schema.Struct.Type<typeof transferredFields> {}

/**
 * The schema of {@link KudosTransferred}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const KudosTransferred: Model<KudosTransferred, typeof transferredFields> = model(
  "KudosTransferred",
  transferredFields
)

const awardedFields = { awarded: amount }

/**
 * The booked award. A number that does not decode is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface KudosAwarded extends Schema.Struct.Type<typeof awardedFields> {}

/**
 * The schema of {@link KudosAwarded}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const KudosAwarded: Model<KudosAwarded, typeof awardedFields> = model("KudosAwarded", awardedFields)

/**
 * `POST /v2/kudos/transfer`: gives kudos of the API key's account away. Each call has an idempotency key, so it is
 * retried after a lost reply, and booked once. In browsers, which cannot send the key, it is not retried.
 *
 * Most refusals are `BadRequest`: `KudosTransferNotEnough`, `InvalidTargetUsername`, `TooFastKudosTransfers` (a transfer
 * back within a minute), `IdempotencyKeyConflict` (the key was used for another transfer), and others.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/kudos/transfer}
 * @since 0.1.0
 * @category endpoints
 */
export class Transfer extends /* @__PURE__ */ Endpoint.Service<Transfer>()("Kudos/Transfer", {
  method: "POST",
  path: "/v2/kudos/transfer",
  payload: TransferInput,
  success: { 200: KudosTransferred },
  error: [HordeError.Unauthorized],
  apiKey: "required",
  idempotent: false,
  idempotencyKey: true,
  limits: [
    { max: 1, per: "1 second", key: "apiKey" },
    { max: 90, per: "1 hour", key: "apiKey" }
  ]
}) {}

/**
 * `POST /v2/kudos/award`: creates kudos for an account. Only the account with the id 1 may do so; others get
 * `Forbidden`. For a flagged account the server's reply has no amount, and the call fails with `OutcomeUnknown`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/kudos/award}
 * @since 0.1.0
 * @category endpoints
 */
export class Award extends /* @__PURE__ */ Endpoint.Service<Award>()("Kudos/Award", {
  method: "POST",
  path: "/v2/kudos/award",
  payload: AwardInput,
  success: { 200: KudosAwarded },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false
}) {}

/**
 * @since 0.1.0
 * @category models
 */
export interface TransferOptions {
  /**
   * The idempotency key, 1 to 255 visible ASCII characters. The server books transfers of one account with the same key,
   * receiver and amount once. A new random key by default.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The errors of {@link transfer}.
 *
 * @since 0.1.0
 * @category errors
 */
export type TransferError = Endpoint.ErrorOf<typeof Transfer>

/**
 * Gives kudos to an account or to a shared key. The idempotency key is made once for each run of the effect, and its
 * retries send the same key. In browsers no key is sent: a lost reply is then `OutcomeUnknown`.
 *
 * @since 0.1.0
 * @category functions
 */
export const transfer = (
  input: TransferInput,
  { idempotencyKey }: TransferOptions = {}
): Effect.Effect<KudosTransferred, TransferError, Transfer> =>
  Effect.flatMap(Transfer, (call) => call({ payload: input })).pipe(
    Effect.provideService(CurrentIdempotencyKey, Option.fromNullable(idempotencyKey))
  )

/**
 * The errors of {@link award}.
 *
 * @since 0.1.0
 * @category errors
 */
export type AwardError = Endpoint.ErrorOf<typeof Award>

/**
 * Creates kudos for an account. The call is never retried, because a retry may book them twice.
 *
 * @since 0.1.0
 * @category functions
 */
export const award = (input: AwardInput): Effect.Effect<KudosAwarded, AwardError, Award> =>
  Effect.flatMap(Award, (call) => call({ payload: input }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Transfer | Award, never, HordeClient> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.merge(Transfer.layer, Award.layer)
)
