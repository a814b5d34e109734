/**
 * The models that image, text and alchemy jobs share.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { JobId } from "../call/pathSegment.js"
import { type Model, model } from "../schema/model.js"
import { nullable, withDefault } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { sensitive } from "../schema/sensitive.js"
import { fallback } from "../schema/tolerantDecoder.js"

/**
 * The id of a job. It is a credential: it reads and cancels the job without an API key.
 *
 * @since 0.1.0
 * @category ids
 */
export type GenerationRequestId = typeof GenerationRequestId.Type

/**
 * The schema of {@link GenerationRequestId}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationRequestId: Schema.brand<typeof JobId, "GenerationRequestId"> = sensitive(
  JobId.pipe(Schema.brand("GenerationRequestId"))
)

/**
 * The id of one result of a job. It is empty if the server sent no readable id: such a result cannot be downloaded.
 *
 * @since 0.1.0
 * @category ids
 */
export type GenerationId = typeof GenerationId.Type

/**
 * The schema of {@link GenerationId}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationId: Schema.brand<typeof Schema.String, "GenerationId"> = Schema.String.pipe(
  Schema.brand("GenerationId")
)

/**
 * The id of a worker.
 *
 * @since 0.1.0
 * @category ids
 */
export type WorkerId = typeof WorkerId.Type

/**
 * The schema of {@link WorkerId}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const WorkerId: Schema.brand<typeof Schema.NonEmptyString, "WorkerId"> = Schema.NonEmptyString.pipe(
  Schema.brand("WorkerId")
)

/** The fields of {@link RequestStatusCheck}, for the models that extend it. */
export const checkFields = {
  /** The number of delivered results. */
  finished: Schema.Number,
  /** The number of results that workers are generating. */
  processing: Schema.Number,
  /** The number of failed or timed-out attempts. */
  restarted: withDefault(Schema.Number, 0),
  /** The number of results that no worker has taken yet. */
  waiting: Schema.Number,
  done: Schema.Boolean,
  /** The server gave up after three or more failed attempts. It may report this up to a minute late. */
  faulted: withDefault(Schema.Boolean, false),
  /** The estimated remaining time in seconds; 0 in the first two seconds of a job. */
  wait_time: withDefault(Schema.Number, 0),
  /** The position in the queue, from 1; 0 when no result is waiting, and in the first two seconds of a job. */
  queue_position: withDefault(Schema.Number, 0),
  /** The kudos consumed so far. */
  kudos: withDefault(Schema.Number, 0),
  /** Whether an online worker can take the job. */
  is_possible: withDefault(Schema.Boolean, true),
  /** The number of workers that can take the job; newer servers only. */
  eligible_workers: nullable(Schema.Number),
  /** The number of threads of those workers; newer servers only. */
  eligible_worker_threads: nullable(Schema.Number),
  /** Whether other jobs keep overtaking this one; newer servers only. */
  might_stall: nullable(Schema.Boolean)
}

/**
 * The state of a job. `done` alone does not mean that the job is over, and a job that is over may have fewer results
 * than requested: see {@link isOver}.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusCheck extends Schema.Struct.Type<typeof checkFields> {}

/**
 * {@link RequestStatusCheck} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusCheckEncoded extends Schema.Struct.Encoded<typeof checkFields> {}

/**
 * The schema of {@link RequestStatusCheck}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestStatusCheck: Schema.Schema<RequestStatusCheck, RequestStatusCheckEncoded> = Schema.Struct(
  checkFields
).annotations({ identifier: "RequestStatusCheck" })

/**
 * Whether a job is over. It may have fewer results than requested, or none: compare `finished`.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOver = (check: RequestStatusCheck): boolean => check.faulted || (check.done && check.processing === 0)

/**
 * Whether an online worker can take the job, or a worker is processing it.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isPossible = (check: RequestStatusCheck): boolean => check.is_possible || check.processing > 0

/**
 * The codes of the warnings in the reply to a submit.
 *
 * @since 0.1.0
 * @category models
 */
export type WarningCode = OpenEnum<
  | "NoAvailableWorker"
  | "ClipSkipMismatch"
  | "StepsTooFew"
  | "StepsTooMany"
  | "CfgScaleMismatch"
  | "CfgScaleTooSmall"
  | "CfgScaleTooLarge"
  | "SamplerMismatch"
  | "SchedulerMismatch"
>

const warningFields = {
  code: nullable(openEnum<WarningCode>()),
  message: nullable(Schema.String)
}

/**
 * A warning about an accepted request, such as a parameter that the model does not support.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSingleWarning extends Schema.Struct.Type<typeof warningFields> {}

/**
 * {@link RequestSingleWarning} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSingleWarningEncoded extends Schema.Struct.Encoded<typeof warningFields> {}

/**
 * The schema of {@link RequestSingleWarning}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RequestSingleWarning: Schema.Schema<RequestSingleWarning, RequestSingleWarningEncoded> = Schema.Struct(
  warningFields
).annotations({ identifier: "RequestSingleWarning" })

const submittedFields = {
  /** The kudos that were earned. */
  reward: fallback(Schema.Number, Number.NaN)
}

/**
 * The reply to a delivered result or rating. A reward that does not decode is `NaN`.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmitted extends Schema.Struct.Type<typeof submittedFields> {}

/**
 * The schema of {@link GenerationSubmitted}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationSubmitted: Model<GenerationSubmitted, typeof submittedFields> = model(
  "GenerationSubmitted",
  submittedFields
)
