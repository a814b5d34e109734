/**
 * Accounts: one's own, and those of others as far as they show.
 *
 * The account lists its own jobs until the server forgets them, those whose answers were lost included.
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
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Endpoint from "./Endpoint.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { defaultLimits } from "./internal/call/declaration.js"
import { GenerationRequestId, WorkerId } from "./internal/jobs/models.js"
import { nullable } from "./internal/schema/nullable.js"
import { type OpenEnum, openEnum } from "./internal/schema/openEnum.js"
import { sensitive } from "./internal/schema/sensitive.js"
import { nullableDate } from "./internal/schema/timestamp.js"
import { fallback } from "./internal/schema/tolerantDecoder.js"
import { SharedKeyId } from "./SharedKeys.js"

const flag = nullable(Schema.Boolean)
const number = nullable(Schema.Number)
const text = nullable(Schema.String)

/**
 * Where an account's kudos came from and went to; what was spent or given away is negative.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserKudosDetails {
  /** Earned by work, less what was spent on work. */
  readonly accumulated?: number
  readonly gifted?: number
  readonly donated?: number
  readonly admin?: number
  readonly received?: number
  readonly recurring?: number
  readonly awarded?: number
  /** Earned by styles. */
  readonly styled?: number
}

const KudosDetails = Schema.Struct({
  accumulated: number,
  gifted: number,
  donated: number,
  admin: number,
  received: number,
  recurring: number,
  awarded: number,
  styled: number
})

/**
 * The ids of an account's jobs, finished and cancelled ones included, until the server forgets them. A kind without
 * jobs is absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserActiveGenerations {
  readonly image?: ReadonlyArray<GenerationRequestId>
  readonly text?: ReadonlyArray<GenerationRequestId>
  readonly alchemy?: ReadonlyArray<GenerationRequestId>
}

const requests = nullable(Schema.Array(GenerationRequestId))

const ActiveGenerations = Schema.Struct({ image: requests, text: requests, alchemy: requests })

/**
 * Work in millions of pixels times steps, and in tokens.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserThingRecords {
  readonly megapixelsteps?: number
  readonly tokens?: number
}

/**
 * How many, by kind of job; `interrogation` is alchemy.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserAmountRecords {
  readonly image?: number
  readonly text?: number
  readonly interrogation?: number
}

/**
 * What an account asked for (`usage`, `request`) and did for others (`contribution`, `fulfillment`).
 *
 * @since 0.1.0
 * @category models
 */
export interface UserRecords {
  readonly usage?: UserThingRecords
  readonly contribution?: UserThingRecords
  readonly fulfillment?: UserAmountRecords
  readonly request?: UserAmountRecords
  readonly style?: UserAmountRecords
}

const things = nullable(Schema.Struct({ megapixelsteps: number, tokens: number }))
const amounts = nullable(Schema.Struct({ image: number, text: number, interrogation: number }))

const Records = Schema.Struct({
  usage: things,
  contribution: things,
  fulfillment: amounts,
  request: amounts,
  style: amounts
})

/**
 * An account as the server knows it. What only the account itself sees is absent from other accounts, and what only
 * moderators see from all but theirs. A required number that cannot be read is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserDetails {
  /** `alias#id`; behind a shared key the owner's, followed by `(Shared Key)` or `(Shared Key: NAME)`. */
  readonly username: string
  /** The account's number; 0 is the anonymous account. */
  readonly id: number
  /** The balance; behind a shared key the owner's. */
  readonly kudos: number
  /** What is held back until the account is trusted; moderators only. */
  readonly evaluating_kudos?: number
  /** How many results may wait at once. */
  readonly concurrency?: number
  /** How many workers the account may have while the horde takes them by invitation only. */
  readonly worker_invited?: number
  readonly moderator?: boolean
  readonly kudos_details?: UserKudosDetails
  readonly worker_count?: number
  readonly worker_ids?: ReadonlyArray<WorkerId>
  readonly styles?: ReadonlyArray<{
    readonly name?: string
    readonly id?: string
    readonly type?: OpenEnum<"image" | "text">
  }>
  /** The account itself only: whoever has one can spend. */
  readonly sharedkey_ids?: ReadonlyArray<SharedKeyId>
  /** The account itself only; absent when there are none, and for the anonymous account. */
  readonly active_generations?: UserActiveGenerations
  /** Moderators only. */
  readonly monthly_kudos?: { readonly amount?: number; readonly last_received?: DateTime.Utc }
  readonly trusted?: boolean
  readonly flagged?: boolean
  readonly vpn?: boolean
  readonly service?: boolean
  readonly education?: boolean
  readonly customizer?: boolean
  readonly special?: boolean
  readonly deleted?: boolean
  /** How suspicious the account is, counted; moderators only. */
  readonly suspicious?: number
  /** Whether the account was made without logging in elsewhere. */
  readonly pseudonymous?: boolean
  readonly contact?: string
  readonly admin_comment?: string
  /** What lets a service account speak for others; moderators only. */
  readonly proxy_passkey?: Redacted.Redacted
  /** In seconds. */
  readonly account_age?: number
  /** Obsolete, and empty: see `records`. */
  readonly usage?: { readonly megapixelsteps?: number; readonly requests?: number }
  /** Obsolete, and empty: see `records`. */
  readonly contributions?: { readonly megapixelsteps?: number; readonly fulfillments?: number }
  readonly records?: UserRecords
}

const UserDetailsStruct = Schema.Struct({
  username: fallback(Schema.String, ""),
  id: fallback(Schema.Number, Number.NaN),
  kudos: fallback(Schema.Number, Number.NaN),
  evaluating_kudos: number,
  concurrency: number,
  worker_invited: number,
  moderator: flag,
  kudos_details: nullable(KudosDetails),
  worker_count: number,
  worker_ids: nullable(Schema.Array(WorkerId)),
  styles: nullable(Schema.Array(Schema.Struct({ name: text, id: text, type: nullable(openEnum<"image" | "text">()) }))),
  sharedkey_ids: nullable(Schema.Array(SharedKeyId)),
  active_generations: nullable(ActiveGenerations),
  monthly_kudos: nullable(Schema.Struct({ amount: number, last_received: nullableDate })),
  trusted: flag,
  flagged: flag,
  vpn: flag,
  service: flag,
  education: flag,
  customizer: flag,
  special: flag,
  deleted: flag,
  suspicious: number,
  pseudonymous: flag,
  contact: nullable(sensitive(Schema.String)),
  admin_comment: text,
  proxy_passkey: nullable(sensitive(Schema.Redacted(Schema.String))),
  account_age: number,
  usage: nullable(Schema.Struct({ megapixelsteps: number, requests: number })),
  contributions: nullable(Schema.Struct({ megapixelsteps: number, fulfillments: number })),
  records: nullable(Records)
}).annotations({ identifier: "UserDetails" })

/**
 * {@link UserDetails} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserDetailsEncoded extends Schema.Schema.Encoded<typeof UserDetailsStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const UserDetails: Schema.Schema<UserDetails, UserDetailsEncoded> = UserDetailsStruct

/**
 * `GET /v2/find_user`: whose key this is. A shared key shows the public details of its owner, the owner's balance
 * included. The server keeps its answer for 30 seconds, so it may be that old. An unknown key is `NotFound`, not `Unauthorized`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Find extends Endpoint.Service<Find>()("Users/Find", {
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
 * `GET /v2/users/{id}`: an account by its number, in full for the account itself. The server keeps its answer for 30
 * seconds, so it may be that old. A key that no account has, a shared one included, is `Unauthorized`.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Get extends Endpoint.Service<Get>()("Users/Get", {
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
 * The account that the API key belongs to. Under a shared key, the public details of its owner: `kudos` is the owner's
 * balance, not what is left of the key. The answer may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const me: Effect.Effect<UserDetails, Endpoint.ErrorOf<typeof Find>, Find> = Effect.flatMap(Find, (call) =>
  call()
)

/**
 * An account by its number. The answer may be up to 30 seconds old.
 *
 * @since 0.1.0
 * @category functions
 */
export const get = (id: number): Effect.Effect<UserDetails, Endpoint.ErrorOf<typeof Get>, Get> =>
  Effect.flatMap(Get, (call) => call({ params: { id } }))

/**
 * All endpoints of this resource.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Find | Get, never, HordeClient> = Layer.mergeAll(Find.layer, Get.layer)
