/** The models of the server's state. Programs import them from `Status`. */
import * as Schema from "effect/Schema"
import { changes } from "../schema/changes.js"
import { type Model, model } from "../schema/model.js"
import { nullable, nullableFlag, nullableNumber, nullableText, nullableTexts } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, optional } from "../schema/optional.js"
import { fallback } from "../schema/tolerantDecoder.js"

const heartbeatFields = {
  message: openEnum<OpenEnum<"OK" | "DOWN" | "OVERLOADED">>(),
  /** The server's version, such as `5.1.5`. */
  version: nullableText,
  /** The number of requests that wait for a thread of the node. */
  queue: nullableNumber,
  /** The number of threads of the node. */
  threads: nullableNumber,
  /** The number of requests that the node is processing. */
  active_count: nullableNumber,
  /** Whether the node can reach its database. */
  db_connection: nullableFlag
}

/**
 * The state of one node of the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponse extends Schema.Struct.Type<typeof heartbeatFields> {}

/**
 * {@link HeartbeatResponse} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeartbeatResponseEncoded extends Schema.Struct.Encoded<typeof heartbeatFields> {}

/**
 * The schema of {@link HeartbeatResponse}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HeartbeatResponse: Schema.Schema<HeartbeatResponse, HeartbeatResponseEncoded> = model(
  "HeartbeatResponse",
  heartbeatFields
)

const modesFields = {
  /** Whether requests are refused while the server is maintained. */
  maintenance_mode: nullableFlag,
  /** Whether only invited accounts may add workers. */
  invite_only_mode: nullableFlag,
  /** Whether the server is in raid mode; only moderators see it. */
  raid_mode: nullableFlag
}

/**
 * The modes that the server is in.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordeModes extends Schema.Struct.Type<typeof modesFields> {}

/**
 * {@link HordeModes} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordeModesEncoded extends Schema.Struct.Encoded<typeof modesFields> {}

/**
 * The schema of {@link HordeModes}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HordeModes: Schema.Schema<HordeModes, HordeModesEncoded> = model("HordeModes", modesFields)

const setModesFields = {
  /** Whether new requests are refused; administrators only. */
  maintenance_mode: optional(Schema.Boolean),
  /** Whether only invited accounts may add workers; moderators only. */
  invite_only_mode: optional(Schema.Boolean),
  /** Whether the server defends itself against a raid; moderators only. */
  raid_mode: optional(Schema.Boolean),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The modes to switch. At least one must be given.
 *
 * @since 0.1.0
 * @category models
 */
export interface SetModesInput extends Schema.Struct.Type<typeof setModesFields> {}

export const SetModesInput: Schema.Schema<SetModesInput> = changes("HordeModes", Schema.Struct(setModesFields))

const activeModelFields = {
  name: fallback(Schema.String, ""),
  type: nullable(openEnum<OpenEnum<"image" | "text">>()),
  /** The number of threads of workers that serve the model. */
  count: nullableNumber,
  /** The average speed: pixelsteps (images) or tokens (texts) per second. */
  performance: nullableNumber,
  /** The waiting work in pixelsteps (images) or tokens (texts). */
  queued: nullableNumber,
  /** The number of waiting results. */
  jobs: nullableNumber,
  /** The estimated time to work off the queue, in seconds; 10,000 if no worker serves the model. */
  eta: nullableNumber
}

/**
 * A model that workers serve or jobs wait for.
 *
 * @since 0.1.0
 * @category models
 */
export interface ActiveModel extends Schema.Struct.Type<typeof activeModelFields> {}

/**
 * The schema of {@link ActiveModel}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ActiveModel: Model<ActiveModel, typeof activeModelFields> = model("ActiveModel", activeModelFields)

const performanceFields = {
  /** The number of waiting images. */
  queued_requests: nullableNumber,
  /** The number of waiting texts. */
  queued_text_requests: nullableNumber,
  worker_count: nullableNumber,
  text_worker_count: nullableNumber,
  /** The number of images that workers can generate at once. */
  thread_count: nullableNumber,
  text_thread_count: nullableNumber,
  /** The waiting image work, in millions of pixels × steps. */
  queued_megapixelsteps: nullableNumber,
  past_minute_megapixelsteps: nullableNumber,
  /** The number of waiting alchemy forms. */
  queued_forms: nullableNumber,
  /** The number of alchemy workers. */
  interrogator_count: nullableNumber,
  interrogator_thread_count: nullableNumber,
  queued_tokens: nullableNumber,
  past_minute_tokens: nullableNumber
}

/**
 * The load of the horde, and the work of the last minute.
 *
 * @since 0.1.0
 * @category models
 */
export interface HordePerformance extends Schema.Struct.Type<typeof performanceFields> {}

/**
 * The schema of {@link HordePerformance}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const HordePerformance: Model<HordePerformance, typeof performanceFields> = model(
  "HordePerformance",
  performanceFields
)

const newsFields = {
  /** The day, such as `2025-12-16`. */
  date_published: nullableText,
  newspiece: nullableText,
  /** Such as `Information` or `Workers`. */
  importance: nullableText,
  tags: nullableTexts,
  title: nullableText,
  more_info_urls: nullableTexts
}

/**
 * A piece of news.
 *
 * @since 0.1.0
 * @category models
 */
export interface Newspiece extends Schema.Struct.Type<typeof newsFields> {}

/**
 * The schema of {@link Newspiece}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Newspiece: Model<Newspiece, typeof newsFields> = model("Newspiece", newsFields)
