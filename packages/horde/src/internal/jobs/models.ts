/**
 * What image, text and alchemy jobs have in common on the wire.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { JobId } from "../call/pathSegment.js"
import { nullable, withDefault } from "../schema/nullable.js"
import { type OpenEnum, openEnum } from "../schema/openEnum.js"
import { sensitive } from "../schema/sensitive.js"

/**
 * The id of a request. Whoever has it can read and cancel the job: the server asks for no key.
 *
 * @since 0.1.0
 * @category ids
 */
export type GenerationRequestId = typeof GenerationRequestId.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationRequestId = sensitive(JobId.pipe(Schema.brand("GenerationRequestId")))

/**
 * The id of one result of a request. Empty where the server sent none that can be read: such a result cannot be
 * fetched.
 *
 * @since 0.1.0
 * @category ids
 */
export type GenerationId = typeof GenerationId.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationId = Schema.String.pipe(Schema.brand("GenerationId"))

/**
 * The id of a worker.
 *
 * @since 0.1.0
 * @category ids
 */
export type WorkerId = typeof WorkerId.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const WorkerId = Schema.NonEmptyString.pipe(Schema.brand("WorkerId"))

/**
 * How a job stands. `done` alone does not mean that it is over, and being over does not mean that all results came:
 * see {@link isOver}.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusCheck {
  /** Results that were delivered. */
  readonly finished: number
  /** Results that a worker is at. */
  readonly processing: number
  /** Attempts that failed or timed out. */
  readonly restarted: number
  /** Results that no worker has taken yet. */
  readonly waiting: number
  readonly done: boolean
  /** Three or more attempts failed, and the server gave up. It may say so up to a minute late. */
  readonly faulted: boolean
  /** An estimate in seconds; 0 for the first second or two of a job. */
  readonly wait_time: number
  /** Counted from 1; 0 when nothing waits, and for the first second or two of a job. */
  readonly queue_position: number
  /** The kudos consumed so far. */
  readonly kudos: number
  /** Whether a worker that is online could take it. */
  readonly is_possible: boolean
  /** Workers that could take it; newer servers only. */
  readonly eligible_workers?: number
  /** Threads of those workers; newer servers only. */
  readonly eligible_worker_threads?: number
  /** Other work keeps overtaking this request; newer servers only. */
  readonly might_stall?: boolean
}

/** The fields of {@link RequestStatusCheck}, for the models that extend it. */
export const checkFields = {
  finished: Schema.Number,
  processing: Schema.Number,
  restarted: withDefault(Schema.Number, 0),
  waiting: Schema.Number,
  done: Schema.Boolean,
  faulted: withDefault(Schema.Boolean, false),
  wait_time: withDefault(Schema.Number, 0),
  queue_position: withDefault(Schema.Number, 0),
  kudos: withDefault(Schema.Number, 0),
  is_possible: withDefault(Schema.Boolean, true),
  eligible_workers: nullable(Schema.Number),
  eligible_worker_threads: nullable(Schema.Number),
  might_stall: nullable(Schema.Boolean)
}

const CheckStruct = Schema.Struct(checkFields).annotations({ identifier: "RequestStatusCheck" })

/**
 * {@link RequestStatusCheck} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusCheckEncoded extends Schema.Schema.Encoded<typeof CheckStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RequestStatusCheck: Schema.Schema<RequestStatusCheck, RequestStatusCheckEncoded> = CheckStruct

/**
 * Whether nothing more will come of a job. It may have fewer results than were asked for, or none: compare `finished`.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOver = (check: RequestStatusCheck): boolean => check.faulted || (check.done && check.processing === 0)

/**
 * Whether a worker that is online could take the job, or one is at it.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isPossible = (check: RequestStatusCheck): boolean => check.is_possible || check.processing > 0

/**
 * The codes of the warnings that a submit can come with.
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

/**
 * Something about an accepted request that may not be what its sender wants.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSingleWarning {
  readonly code?: WarningCode
  readonly message?: string
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RequestSingleWarning = Schema.Struct({
  code: nullable(openEnum<WarningCode>()),
  message: nullable(Schema.String)
}).annotations({ identifier: "RequestSingleWarning" })
