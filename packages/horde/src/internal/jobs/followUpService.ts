/** The interface of `FollowUp`, in its own module because `FollowUp` depends on modules that use it. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CallError, JournalFailed } from "../../HordeError.js"
import type { Entry } from "../../JobJournal.js"
import type { CallHooks, CancelRule, Declaration, PreparedCall, Starts } from "../call/declaration.js"
import type { Kind, Ticket } from "./ticket.js"

/**
 * An unfinished job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly job: Kind
  readonly id: Redacted.Redacted
  /** The endpoint that cancels it. Its path ends in `:id`, or its body has the id. */
  readonly cancel: Declaration
}

/**
 * How a job ended: `over` (the server has its results), `cancelled`, or `gone` (the server has no such job).
 *
 * @since 0.1.0
 * @category models
 */
export type Ending = "over" | "cancelled" | "gone"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Sends the call that starts a job, and tracks the job until the scope closes. Its journal entry is written before
   * the request is sent. The request runs in the layer, not in the caller: if the caller is interrupted, it returns at
   * once, the request continues, and a job whose id still arrives is cancelled.
   */
  readonly track: <A, E>(
    rule: Starts,
    call: PreparedCall,
    submit: (hooks?: CallHooks) => Effect.Effect<A, E>,
    idOf: (reply: A) => string
  ) => Effect.Effect<A, E | JournalFailed, Scope.Scope>
  /** Tracks a job that was started elsewhere until the scope closes. `entry` is its journal entry, if it has one. */
  readonly adopt: (rule: CancelRule, ticket: Ticket, entry?: Entry) => Effect.Effect<void, never, Scope.Scope>
  /**
   * Records the end of a job: it needs no cancel. `gone` is ignored within 10 seconds of the job's acceptance, because
   * the server's replicas may not have it yet.
   */
  readonly settle: (job: Kind, id: string, ending: Ending) => Effect.Effect<void>
  /** Records how many results of an unfinished job still wait for a worker. */
  readonly progressed: (job: Kind, id: string, waiting: number) => Effect.Effect<void>
  /**
   * Keeps the results of a job: after its end it stays in the journal until they are {@link delivered}, even if its
   * scope closes before. If its scope closes before its end, it is cancelled nevertheless.
   */
  readonly keep: (job: Kind, id: string) => Effect.Effect<void>
  /** Records that the results of a job are stored. Without this they count as delivered when the job's scope closes. */
  readonly delivered: (job: Kind, id: string) => Effect.Effect<void>
  /**
   * Runs the call that cancels a job. It continues if its caller is interrupted, so that it is not sent twice. Within
   * 10 seconds of the job's acceptance it is repeated while the server's replicas do not have the job.
   */
  readonly cancelWith: <A, E extends CallError>(
    job: Kind,
    id: string,
    cancel: Effect.Effect<A, E>
  ) => Effect.Effect<A, E>
  /** Stops tracking a job without a cancel. Returns whether it was unfinished. */
  readonly detach: (job: Kind, id: string) => Effect.Effect<boolean>
  /** The jobs that would be cancelled if all scopes closed now. */
  readonly unfinished: Effect.Effect<ReadonlyArray<Unfinished>>
  /** Retries the failed cancels of abandoned jobs. */
  readonly cancelAgain: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The time-out of a cancel, retries included, from 0. A second less than `drainWithin` by default. */
  readonly cancelWithin?: Duration.DurationInput
  /**
   * The time limit of a shutdown, from 0: from the closing of the first scope until the closing layer stops waiting for
   * the replies of submits and cancels. 5 seconds by default.
   */
  readonly drainWithin?: Duration.DurationInput
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FollowUp extends Context.Tag("effect-horde/FollowUp")<FollowUp, Service>() {}
