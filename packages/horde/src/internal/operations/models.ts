/** The models of moderation on newer servers. Programs import them from `Operations`. */
import * as Schema from "effect/Schema"
import { WorkerId } from "../jobs/models.js"
import { type Model, model } from "../schema/model.js"
import { nullable, nullableFlag, nullableNumber, nullableText, nullableTexts } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { sensitive } from "../schema/sensitive.js"
import { nullableDate } from "../schema/timestamp.js"

const secret = nullable(sensitive(Schema.String))

/** The number of an account: a number or its text. */
const accountNumber = nullable(Schema.Union(Schema.Number, Schema.String))

const suspicionReasons = nullable(
  Schema.Array(
    Schema.Struct({ id: nullableNumber, name: nullableText, description: nullableText, count: nullableNumber })
  )
)

const reviewUserFields = {
  id: accountNumber,
  username: nullableText,
  last_active: nullableDate,
  /** Seconds since the account was created. */
  account_age: nullableNumber,
  kudos: nullableNumber,
  evaluating_kudos: nullableNumber,
  suspicious: nullableNumber,
  suspicion_reasons: suspicionReasons,
  flagged: nullableFlag,
  deleted: nullableFlag,
  vpn: nullableFlag,
  worker_count: nullableNumber,
  paused_worker_count: nullableNumber,
  worker_kudos: nullableNumber,
  worker_fulfilments: nullableNumber,
  contact: secret,
  admin_comment: nullableText
}

/**
 * An account that may become trusted.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromotionReviewUser extends Schema.Struct.Type<typeof reviewUserFields> {}

const PromotionReviewUser: Model<PromotionReviewUser, typeof reviewUserFields> = model(
  "PromotionReviewUser",
  reviewUserFields
)

const pausedWorkerFields = {
  type: nullable(openEnum<OpenEnum<"image" | "text" | "interrogation">>()),
  name: nullableText,
  id: nullable(WorkerId),
  online: nullableFlag,
  owner_id: accountNumber,
  owner: nullableText,
  last_check_in: nullableDate,
  maintenance_mode: nullableFlag,
  maintenance_msg: nullableText,
  suspicious: nullableNumber,
  suspicion_reasons: suspicionReasons,
  owner_suspicion: nullableNumber,
  owner_trusted: nullableFlag,
  owner_flagged: nullableFlag,
  requests_fulfilled: nullableNumber,
  aborted_jobs: nullableNumber,
  bridge_agent: nullableText,
  models: nullableTexts,
  contact: secret
}

/**
 * A worker that is paused.
 *
 * @since 0.1.0
 * @category models
 */
export interface PausedWorkerReview extends Schema.Struct.Type<typeof pausedWorkerFields> {}

const PausedWorkerReview: Model<PausedWorkerReview, typeof pausedWorkerFields> = model(
  "PausedWorkerReview",
  pausedWorkerFields
)

const overviewFields = {
  promotion_threshold: nullableNumber,
  suspicion_threshold: nullableNumber,
  worker_suspicion_threshold: nullableNumber,
  /** Accounts with enough kudos that are too suspicious to become trusted. */
  promotion_blocked_users: nullable(Schema.Array(PromotionReviewUser)),
  promotion_eligible_users: nullable(Schema.Array(PromotionReviewUser)),
  paused_workers: nullable(Schema.Array(PausedWorkerReview)),
  paused_workers_total: nullableNumber
}

/**
 * The accounts and workers that moderators have to decide about.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModerationOverview extends Schema.Struct.Type<typeof overviewFields> {}

/**
 * The schema of {@link ModerationOverview}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModerationOverview: Model<ModerationOverview, typeof overviewFields> = model(
  "ModerationOverview",
  overviewFields
)

const eventId = nullable(Schema.Union(Schema.Number, Schema.String))

const noteFields = { id: eventId, author_id: accountNumber, note: nullableText, created: nullableDate }

/**
 * A note of a moderator.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromptModerationNote extends Schema.Struct.Type<typeof noteFields> {}

/**
 * The schema of {@link PromptModerationNote}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PromptModerationNote: Model<PromptModerationNote, typeof noteFields> = model(
  "PromptModerationNote",
  noteFields
)

/**
 * Why a prompt was moderated.
 *
 * @since 0.1.0
 * @category models
 */
export type PromptModerationReason = OpenEnum<"filter_rejection" | "model_rejection" | "worker_csam">

const promptEventFields = {
  id: eventId,
  created: nullableDate,
  user_id: accountNumber,
  request_id: secret,
  worker_id: nullable(WorkerId),
  /** The user of a service account. */
  proxied_account: secret,
  ipaddr: secret,
  /** A key that stands for the IP address. */
  ip_subject_key: secret,
  origin_text: secret,
  models: nullableTexts,
  reason: nullable(openEnum<PromptModerationReason>()),
  outcome: nullable(openEnum<OpenEnum<"rejected" | "censored">>()),
  submitted_prompt: secret,
  moderation_prompt: secret,
  effective_prompt: secret,
  text_state: nullable(openEnum<OpenEnum<"pending" | "stored" | "none">>()),
  text_url: secret,
  text_sha256: nullableText,
  text_chars: nullableNumber,
  text_truncated: nullableFlag,
  text_redacted: nullableFlag,
  ipaddr_redacted: nullableFlag,
  anonymized: nullableFlag,
  hold_source: nullable(openEnum<OpenEnum<"note" | "account_status">>()),
  notes: nullable(Schema.Array(PromptModerationNote))
}

/**
 * A prompt that was rejected, or whose results were censored.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromptModerationEvent extends Schema.Struct.Type<typeof promptEventFields> {}

const PromptModerationEvent: Model<PromptModerationEvent, typeof promptEventFields> = model(
  "PromptModerationEvent",
  promptEventFields
)

const promptEventsFields = {
  events: nullable(Schema.Array(PromptModerationEvent)),
  /** The `before_id` of the next page; absent on the last one. */
  next_cursor: eventId,
  /** For how many days the server keeps texts and IP addresses. */
  retention: nullable(
    Schema.Struct({ text_days: nullableNumber, ipaddr_days: nullableNumber, ceiling_days: nullableNumber })
  )
}

/**
 * A page of moderated prompts.
 *
 * @since 0.1.0
 * @category models
 */
export interface PromptModerationEvents extends Schema.Struct.Type<typeof promptEventsFields> {}

/**
 * The schema of {@link PromptModerationEvents}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PromptModerationEvents: Model<PromptModerationEvents, typeof promptEventsFields> = model(
  "PromptModerationEvents",
  promptEventsFields
)

const suspicionEventFields = {
  id: eventId,
  created: nullableDate,
  worker_id: nullable(WorkerId),
  worker_name: nullableText,
  user_id: accountNumber,
  suspicion_id: nullableNumber,
  reason: nullableText,
  detail: nullableText
}

/**
 * A suspicious action of a worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerSuspicionEvent extends Schema.Struct.Type<typeof suspicionEventFields> {}

const WorkerSuspicionEvent: Model<WorkerSuspicionEvent, typeof suspicionEventFields> = model(
  "WorkerSuspicionEvent",
  suspicionEventFields
)

const suspicionEventsFields = {
  events: nullable(Schema.Array(WorkerSuspicionEvent)),
  /** The `before_id` of the next page; absent on the last one. */
  next_cursor: eventId
}

/**
 * A page of suspicious actions.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerSuspicionEvents extends Schema.Struct.Type<typeof suspicionEventsFields> {}

/**
 * The schema of {@link WorkerSuspicionEvents}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkerSuspicionEvents: Model<WorkerSuspicionEvents, typeof suspicionEventsFields> = model(
  "WorkerSuspicionEvents",
  suspicionEventsFields
)
