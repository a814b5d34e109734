/** The models of workers and their messages. Programs import them from `Workers`. */
import * as Schema from "effect/Schema"
import { WorkerId } from "../jobs/models.js"
import { changes } from "../schema/changes.js"
import { type Model, model } from "../schema/model.js"
import { nullable, nullableFlag, nullableNumber, nullableText, nullableTexts } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { extra, optional } from "../schema/optional.js"
import { sensitive } from "../schema/sensitive.js"
import { nullableDate } from "../schema/timestamp.js"
import { fallback } from "../schema/tolerantDecoder.js"

/**
 * The kinds of workers. `interrogation` is alchemy.
 *
 * @since 0.1.0
 * @category models
 */
export type WorkerType = OpenEnum<"image" | "text" | "interrogation">

/** The fields of {@link WorkerDetailsLite}. */
const liteFields = {
  id: WorkerId,
  name: fallback(Schema.String, ""),
  type: nullable(openEnum<WorkerType>()),
  online: nullableFlag
}

/**
 * A worker, as teams list it.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerDetailsLite extends Schema.Struct.Type<typeof liteFields> {}

/**
 * The schema of {@link WorkerDetailsLite}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkerDetailsLite: Model<WorkerDetailsLite, typeof liteFields> = model("WorkerDetailsLite", liteFields)

const messageFields = {
  id: Schema.String,
  message: fallback(Schema.String, ""),
  /** The sender, as shown to the worker's owner. */
  origin: nullableText,
  expiry: nullableDate,
  created: nullableDate,
  /** The worker that the message is for; absent for a message to all workers. */
  worker_id: nullable(WorkerId),
  /** The number of the author's account. */
  user_id: nullableText
}

/**
 * A message to a worker.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerMessage extends Schema.Struct.Type<typeof messageFields> {}

/**
 * The schema of {@link WorkerMessage}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkerMessage: Schema.Schema<WorkerMessage, Schema.Struct.Encoded<typeof messageFields>> = model(
  "ResponseModelMessage",
  messageFields
)

const detailsFields = {
  ...liteFields,
  /** The number of delivered results. */
  requests_fulfilled: nullableNumber,
  /** Kudos earned in total. */
  kudos_rewards: nullableNumber,
  kudos_details: nullable(
    Schema.Struct({
      /** Kudos earned by results. */
      generated: nullableNumber,
      /** Kudos earned by being online. */
      uptime: nullableNumber
    })
  ),
  /** The speed as text, such as `1.6 megapixelsteps per second`. */
  performance: nullableText,
  /** The number of jobs that the worker runs at once. */
  threads: nullableNumber,
  /** Seconds online in total. */
  uptime: nullableNumber,
  /** Whether the owner has stopped the worker: it gets jobs of its owner only. */
  maintenance_mode: nullableFlag,
  /** Whether moderators have stopped the worker; moderators only. */
  paused: nullableFlag,
  info: nullableText,
  /** Whether the worker accepts jobs that may have explicit results. */
  nsfw: nullableFlag,
  /** The owner, as `alias#id`; for moderators, or if the owner's workers are public. */
  owner: nullableText,
  /** The worker's IP address; moderators only. */
  ipaddr: nullable(sensitive(Schema.String)),
  /** Whether the owner is trusted. */
  trusted: nullableFlag,
  flagged: nullableFlag,
  /** The number of suspicious actions; moderators only. */
  suspicious: nullableNumber,
  /** The number of jobs that the worker took and did not deliver. */
  uncompleted_jobs: nullableNumber,
  models: nullableTexts,
  /** The forms of an alchemy worker. */
  forms: nullableTexts,
  /** The worker's team; its fields are absent for a worker without one. */
  team: nullable(Schema.Struct({ id: nullableText, name: nullableText })),
  contact: nullable(sensitive(Schema.String)),
  /** The worker's program, as `name:version:address`. */
  bridge_agent: nullableText,
  /** The largest image in pixels. */
  max_pixels: nullableNumber,
  megapixelsteps_generated: nullableNumber,
  img2img: nullableFlag,
  painting: nullableFlag,
  "post-processing": nullableFlag,
  lora: nullableFlag,
  controlnet: nullableFlag,
  sdxl_controlnet: nullableFlag,
  /** Newer servers only. */
  extended_controlnet: nullableFlag,
  /** The ControlNet annotators of an alchemy worker; newer servers only. */
  annotation_types: nullableTexts,
  /** The longest text in tokens. */
  max_length: nullableNumber,
  /** The longest prompt with its text in tokens. */
  max_context_length: nullableNumber,
  tokens_generated: nullableNumber,
  /** Messages to the worker; moderators only. */
  messages: nullable(Schema.Array(WorkerMessage))
}

/**
 * A worker. The owner sees the same fields as everyone; moderators see more. Image workers have `max_pixels` and the
 * features of images, text workers `max_length` and `max_context_length`, alchemy workers `forms`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerDetails extends Schema.Struct.Type<typeof detailsFields> {}

/**
 * The schema of {@link WorkerDetails}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkerDetails: Model<WorkerDetails, typeof detailsFields> = model("WorkerDetails", detailsFields)

const changeFields = {
  /** Whether the worker gets jobs of its owner only. */
  maintenance: optional(Schema.Boolean),
  /** The reason of the maintenance, which the worker's program is told. */
  maintenance_msg: optional(Schema.String),
  /** Whether the worker gets jobs; moderators only. */
  paused: optional(Schema.Boolean),
  /** A public description, up to 1,000 characters. */
  info: optional(Schema.String.pipe(Schema.maxLength(1000))),
  /** A name that no other worker has, 5 to 100 characters. */
  name: optional(Schema.String.pipe(Schema.minLength(5), Schema.maxLength(100))),
  /** The id of a team; an empty text leaves the team. */
  team: optional(Schema.String.pipe(Schema.maxLength(36))),
  /** Fields that this version does not declare. */
  extra
}

/**
 * The changes of a worker. All fields are optional, and at least one must be given.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyWorkerInput extends Schema.Struct.Type<typeof changeFields> {}

export const ModifyWorkerInput: Schema.Schema<ModifyWorkerInput> = changes(
  "ModifyWorkerInput",
  Schema.Struct(changeFields)
)

const changedFields = {
  maintenance: nullableFlag,
  paused: nullableFlag,
  info: nullableText,
  name: nullableText,
  /** The name of the team, not its id. */
  team: nullableText
}

/**
 * The changed fields of a worker, and no others.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModifyWorker extends Schema.Struct.Type<typeof changedFields> {}

export const ModifyWorker: Model<ModifyWorker, typeof changedFields> = model("ModifyWorker", changedFields)

const deletedFields = { deleted_id: nullableText, deleted_name: nullableText }

/**
 * The id and the name of what was deleted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends Schema.Struct.Type<typeof deletedFields> {}

/** The reply of deletes, with its published name. */
export const deleted = (identifier: string): Model<Deleted, typeof deletedFields> => model(identifier, deletedFields)

const messageInputFields = {
  /** 1 to 10,240 characters. */
  message: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(10_240)),
  /** The worker, one of your own. Moderators may send to any worker, and to all workers without this field. */
  worker_id: optional(Schema.String.pipe(Schema.length(36))),
  /** Hours until the message expires, 1 to 720. Required, because the server fails without it. */
  expiry: Schema.Int.pipe(Schema.between(1, 720)),
  /** The sender shown to the worker's owner, 1 to 255 characters; moderators only. */
  origin: optional(Schema.String.pipe(Schema.minLength(1), Schema.maxLength(255))),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A message to send.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorkerMessageInput extends Schema.Struct.Type<typeof messageInputFields> {}

export const WorkerMessageInput: Schema.Schema<WorkerMessageInput> = Schema.Struct(messageInputFields).annotations({
  identifier: "ResponseModelMessage"
})
