/** The models of accounts. Programs import them from `Users`. */
import * as Schema from "effect/Schema"
import { GenerationRequestId, WorkerId } from "../jobs/models.js"
import { changes } from "../schema/changes.js"
import { type Model, model } from "../schema/model.js"
import { nullableFlag as flag, nullable, nullableNumber as number, nullableText as text } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { nullableDate } from "../schema/timestamp.js"
import { fallback } from "../schema/tolerantDecoder.js"
import { SharedKeyId } from "../sharedKeys/models.js"

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
export const UserDetails: Schema.Schema<UserDetails, UserDetailsEncoded> = model("UserDetails", userDetailsFields)

const changeFields = {
  /** Kudos to add, or to take if negative; administrators only. */
  kudos: optional(Schema.Number),
  /** Kudos to add to those that the account gets each month; administrators only. */
  monthly_kudos: optional(Schema.Int),
  /** The factor of the kudos that requests cost, 0.1 to 10; administrators only. */
  usage_multiplier: optional(Schema.Number.pipe(Schema.between(0.1, 10))),
  /** Administrators only. */
  moderator: optional(Schema.Boolean),
  /** How many results may be waiting at once, 0 to 500; moderators only. */
  concurrency: optional(Schema.Int.pipe(Schema.between(0, 500))),
  /** How many workers the account may run while the horde accepts workers by invitation only; moderators only. */
  worker_invited: optional(Schema.Int),
  /** Moderators only, like the next eight fields. */
  trusted: optional(Schema.Boolean),
  flagged: optional(Schema.Boolean),
  customizer: optional(Schema.Boolean),
  vpn: optional(Schema.Boolean),
  service: optional(Schema.Boolean),
  education: optional(Schema.Boolean),
  special: optional(Schema.Boolean),
  filtered: optional(Schema.Boolean),
  /** Sets the number of suspicious actions to 0. */
  reset_suspicion: optional(Schema.Boolean),
  /** A note of the moderators, 5 to 500 characters; moderators only. */
  admin_comment: optional(Schema.String.pipe(Schema.minLength(5), Schema.maxLength(500))),
  /** Whether others see which workers are the account's. */
  public_workers: optional(Schema.Boolean),
  /** The alias, 3 to 100 characters; the server refuses more than 30. */
  username: optional(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(100))),
  /** How moderators can reach the account, 5 to 500 characters. */
  contact: optional(sensitive(Schema.String.pipe(Schema.minLength(5), Schema.maxLength(500)))),
  /** Makes a new `proxy_passkey`, which replaces the old one; service accounts only. */
  generate_proxy_passkey: optional(Schema.Boolean),
  /** Takes the deletion of the account back. */
  undelete: optional(Schema.Boolean),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The changes of an account. All fields are optional, and at least one must be given.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyUserInput extends Schema.Struct.Type<typeof changeFields> {}

export const ModifyUserInput: Schema.Schema<ModifyUserInput> = changes("ModifyUserInput", Schema.Struct(changeFields))

const changedFields = {
  /** The balance after the change. */
  new_kudos: number,
  monthly_kudos: number,
  usage_multiplier: number,
  moderator: flag,
  concurrency: number,
  worker_invited: number,
  trusted: flag,
  flagged: flag,
  customizer: flag,
  vpn: flag,
  service: flag,
  education: flag,
  special: flag,
  /** The number of suspicious actions after the reset. */
  new_suspicion: number,
  admin_comment: text,
  public_workers: flag,
  username: text,
  contact: nullable(sensitive(Schema.String)),
  /** The new credential for `HordeClient.withProxiedFor`. */
  proxy_passkey: nullable(sensitive(Schema.Redacted(Schema.String))),
  undeleted: flag
}

/**
 * The changed fields of an account, and no others.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyUser extends Schema.Struct.Type<typeof changedFields> {}

/**
 * The schema of {@link ModifyUser}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModifyUser: Model<ModifyUser, typeof changedFields> = model("ModifyUser", changedFields)
