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
import { defaultLimits } from "./internal/call/declaration.js"
import { GenerationRequestId, WorkerId } from "./internal/jobs/models.js"
import type { Model } from "./internal/schema/model.js"
import { nullable } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { nullableDate } from "./internal/schema/timestamp.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"
import { SharedKeyId } from "./SharedKeys.js"

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)

const kudosDetailsFields = {
  /** Kudos earned by work, less the kudos spent on requests. */
  accumulated: number,
  /** Kudos given to other accounts; negative. */
  gifted: number,
  donated: number,
  /** Kudos changed by administrators. */
  admin: number,
  /** Kudos given by other accounts. */
  received: number,
  /** Kudos from recurring rewards. */
  recurring: number,
  awarded: number,
  /** Kudos earned by styles. */
  styled: number
}

/**
 * The sources and uses of an account's kudos. Spent and given kudos are negative.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserKudosDetails extends Schema.Struct.Type<typeof kudosDetailsFields> {}

const KudosDetails: Model<UserKudosDetails, typeof kudosDetailsFields> = Schema.Struct(kudosDetailsFields)

const ids = nullable(Schema.Array(GenerationRequestId))

const activeGenerationsFields = { image: ids, text: ids, alchemy: ids }

/**
 * The ids of an account's jobs, finished and cancelled ones included, until the server deletes them. A kind without
 * jobs is absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserActiveGenerations extends Schema.Struct.Type<typeof activeGenerationsFields> {}

const ActiveGenerations: Model<UserActiveGenerations, typeof activeGenerationsFields> =
  Schema.Struct(activeGenerationsFields)

const thingRecordsFields = {
  /** Image work, in millions of pixels × steps. */
  megapixelsteps: number,
  /** Text work, in tokens. */
  tokens: number
}

/**
 * An amount of work.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserThingRecords extends Schema.Struct.Type<typeof thingRecordsFields> {}

const ThingRecords: Model<UserThingRecords, typeof thingRecordsFields> = Schema.Struct(thingRecordsFields)

const amountRecordsFields = {
  image: number,
  text: number,
  /** Alchemy. */
  interrogation: number
}

/**
 * Counts by kind of job.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserAmountRecords extends Schema.Struct.Type<typeof amountRecordsFields> {}

const AmountRecords: Model<UserAmountRecords, typeof amountRecordsFields> = Schema.Struct(amountRecordsFields)

const recordsFields = {
  /** Work requested by the account. */
  usage: nullable(ThingRecords),
  /** Work done by the account's workers. */
  contribution: nullable(ThingRecords),
  /** Number of results that the account's workers delivered. */
  fulfillment: nullable(AmountRecords),
  /** Number of results that the account requested. */
  request: nullable(AmountRecords),
  /** Number of results that others requested with the account's styles. */
  style: nullable(AmountRecords)
}

/**
 * The work that an account requested (`usage`, `request`) and did for others (`contribution`, `fulfillment`).
 *
 * @since 0.1.0
 * @category models
 */
export interface UserRecords extends Schema.Struct.Type<typeof recordsFields> {}

const Records: Model<UserRecords, typeof recordsFields> = Schema.Struct(recordsFields)

const userDetailsFields = {
  /** `alias#id`. Under a shared key it is the owner's, followed by `(Shared Key)` or `(Shared Key: NAME)`. */
  username: fallback(Schema.String, ""),
  /** The number of the account; 0 is the anonymous account. */
  id: fallback(Schema.Number, Number.NaN),
  /** The balance in kudos. Under a shared key it is the owner's. */
  kudos: fallback(Schema.Number, Number.NaN),
  /** Kudos that are withheld until the account is trusted; moderators only. */
  evaluating_kudos: number,
  /** How many results may be waiting at once. */
  concurrency: number,
  /** How many workers the account may run while the horde accepts workers by invitation only. */
  worker_invited: number,
  moderator: flag,
  kudos_details: nullable(KudosDetails),
  worker_count: number,
  worker_ids: nullable(Schema.Array(WorkerId)),
  styles: nullable(
    Schema.Array(Schema.Struct({ name: text, id: text, type: nullable(openEnum<OpenEnum<"image" | "text">>()) }))
  ),
  /** The account's shared keys; visible to the account only, because each of them can spend its kudos. */
  sharedkey_ids: nullable(Schema.Array(SharedKeyId)),
  /** The account's jobs; visible to the account only. Absent without jobs, and for the anonymous account. */
  active_generations: nullable(ActiveGenerations),
  /** Kudos received each month; moderators only. */
  monthly_kudos: nullable(Schema.Struct({ amount: number, last_received: nullableDate })),
  trusted: flag,
  flagged: flag,
  vpn: flag,
  service: flag,
  education: flag,
  customizer: flag,
  special: flag,
  deleted: flag,
  /** The number of suspicious actions; moderators only. */
  suspicious: number,
  /** Whether the account was created without a login at another service. */
  pseudonymous: flag,
  contact: nullable(sensitive(Schema.String)),
  admin_comment: text,
  /** The credential with which a service account sends requests for others; moderators only. */
  proxy_passkey: nullable(sensitive(Schema.Redacted(Schema.String))),
  /** Seconds since the account was created. */
  account_age: number,
  /** Obsolete and empty: use `records`. */
  usage: nullable(Schema.Struct({ megapixelsteps: number, requests: number })),
  /** Obsolete and empty: use `records`. */
  contributions: nullable(Schema.Struct({ megapixelsteps: number, fulfillments: number })),
  records: nullable(Records)
}

/**
 * An account. Fields that only the account itself may see are absent from the details of other accounts, and fields
 * that only moderators may see are absent for everyone else. A required number that does not decode is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserDetails extends Schema.Struct.Type<typeof userDetailsFields> {}

/**
 * {@link UserDetails} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserDetailsEncoded extends Schema.Struct.Encoded<typeof userDetailsFields> {}

/**
 * The schema of {@link UserDetails}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UserDetails: Schema.Schema<UserDetails, UserDetailsEncoded> = Schema.Struct(userDetailsFields).annotations(
  { identifier: "UserDetails" }
)

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
  limits: defaultLimits,
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
  params: { id: Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative()) },
  success: { 200: UserDetails },
  error: [HordeError.Unauthorized, HordeError.NotFound],
  apiKey: "optional",
  idempotent: true,
  limits: [{ max: 60, per: "1 minute", key: "path" }],
  hints: { 401: "no account has this API key; shared keys are not accepted here" }
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
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Find | Get, never, HordeClient> = /* @__PURE__ */ Layer.suspend(() =>
  Layer.merge(Find.layer, Get.layer)
)
