/**
 * The events of a running worker, and the options that all kinds of workers have. Programs import them from `Worker`.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as HordeError from "../../HordeError.js"
import type { GenerationId } from "../jobs/models.js"
import type { Lookup } from "./addresses.js"
import type { ResponseModelMessagePop } from "./popReply.js"

/**
 * Why a popped job was not delivered:
 *
 * - `Failed`: the generator failed or died,
 * - `TimedOut`: it was not over within the `ttl` of the job,
 * - `InvalidResult`: its result is not a complete picture of a known format, or the job needs another kind of result,
 * - `SourceImage`: a source image could not be downloaded or decoded, or its link is not permitted,
 * - `Upload`: the picture could not be uploaded,
 * - `Refused`: the server refused the result, or could not be reached within the `ttl`,
 * - `Aborted`: the result was too late: the server had given the job to another worker.
 *
 * @since 0.1.0
 * @category models
 */
export type FaultReason = "Failed" | "TimedOut" | "InvalidResult" | "SourceImage" | "Upload" | "Refused" | "Aborted"

/** The failure of one job. */
export class Fault extends Data.TaggedError("Fault")<{
  readonly reason: FaultReason
  readonly message: string
  readonly cause?: Cause.Cause<unknown>
}> {}

/**
 * An event of a running worker.
 *
 * - `Popped`: the server gave jobs to the worker.
 * - `Submitted`: a result was accepted. `kudos` is the reward that the server reported; it is absent if the reply was
 *   lost. The owner may be credited less: half of it is withheld until the account is trusted.
 * - `Faulted`: a job was not delivered, and was returned to the server. `cause` is the failure of the generator.
 * - `Idle`: there was no job. `skipped` counts the waiting jobs that the worker did not get, by reason, without zeros.
 * - `Refused`: a pop failed, for example because the worker is in maintenance.
 *
 * After `Idle` and `Refused` the next pop follows after `pause`. `messages` are those of moderators to the worker.
 *
 * @since 0.1.0
 * @category models
 */
export type Event =
  | {
      readonly _tag: "Popped"
      readonly ids: ReadonlyArray<GenerationId>
      /** The model of the jobs; absent for alchemy. */
      readonly model: string | undefined
      /** The time in seconds after which the server gives the jobs to another worker. */
      readonly ttl: number
      readonly messages: ReadonlyArray<ResponseModelMessagePop>
    }
  | { readonly _tag: "Submitted"; readonly id: GenerationId; readonly kudos?: number }
  | {
      readonly _tag: "Faulted"
      readonly id: GenerationId
      readonly reason: FaultReason
      readonly message: string
      readonly cause?: Cause.Cause<unknown>
    }
  | {
      readonly _tag: "Idle"
      readonly skipped: { readonly [reason: string]: number }
      readonly messages: ReadonlyArray<ResponseModelMessagePop>
      readonly pause: Duration.Duration
    }
  | { readonly _tag: "Refused"; readonly error: HordeError.CallError; readonly pause: Duration.Duration }

/**
 * The errors that end a worker: the server refused a pop for a reason that does not pass, such as an unknown API key
 * (`Unauthorized`), a name that belongs to another account (`Forbidden`), or no known model (`BadRequest`).
 *
 * @since 0.1.0
 * @category errors
 */
export type RunError =
  | HordeError.InvalidRequest
  | HordeError.BadRequest
  | HordeError.Unauthorized
  | HordeError.Forbidden
  | HordeError.UnexpectedResponse

/**
 * How source images are downloaded. Their links come from requesters.
 *
 * @since 0.1.0
 * @category options
 */
export interface SourceImageOptions {
  /** The maximum size of a source image in bytes. 32 MiB by default. */
  readonly maxBytes?: number
  /** The time-out of one download attempt. 30 seconds by default. */
  readonly timeout?: Duration.DurationInput
  /**
   * Whether links may lead to private, loopback and link-local addresses. `false` by default: such a link, or a
   * redirect to one, fails the job. Set it for a horde in the same network.
   */
  readonly allowPrivateAddresses?: boolean
  /**
   * Resolves host names, so that names of private addresses are refused. The resolver of Node, Bun or Deno by default;
   * browsers have none, and check only addresses and local names. The download resolves the name again: a resolver that
   * pins addresses belongs into the `HttpClient`.
   */
  readonly lookup?: Lookup
}

/**
 * The options that all kinds of workers have.
 *
 * @since 0.1.0
 * @category options
 */
export interface RunOptions<R = never> {
  /** Receives the events of the worker. The worker continues when it has returned. */
  readonly onEvent?: (event: Event) => Effect.Effect<void, never, R>
  /** When it succeeds, the worker pops no more jobs, finishes its current ones, and ends. It never does by default. */
  readonly stop?: Effect.Effect<unknown, never, R>
  /** The longest pause between two pops without a job. 10 seconds by default. */
  readonly maxPause?: Duration.DurationInput
}
