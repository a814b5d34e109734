/** The follow-up as the calls of endpoints see it. On its own, since `FollowUp` itself makes use of endpoints. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CallError, JournalFailed } from "../../HordeError.js"
import type { Entry } from "../../JobJournal.js"
import type { CallHooks, Declaration, PreparedCall, Starts } from "../call/declaration.js"
import type { Kind, Ticket } from "./ticket.js"

/**
 * A job as the follow-up knows it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly job: Kind
  readonly id: Redacted.Redacted
  /** The endpoint that cancels it; its path ends in `:id`. */
  readonly cancel: Declaration
}

/**
 * How a job came to its end: `over` on the server, its results being there; `cancelled`; or `gone`, unknown to the
 * server.
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
   * Sends the call that starts a job, and ties the job to the scope. It is in the journal before it is on the wire. The
   * request belongs to this service, not to the caller: interrupting the caller returns at once, the request goes on,
   * and an id that still arrives is cancelled.
   */
  readonly track: <A, E>(
    rule: Starts,
    call: PreparedCall,
    submit: (hooks?: CallHooks) => Effect.Effect<A, E>,
    idOf: (reply: A) => string
  ) => Effect.Effect<A, E | JournalFailed, Scope.Scope>
  /** Ties a job that was started elsewhere to the scope; `entry` is how the journal has it, if it does. */
  readonly adopt: (rule: Starts, ticket: Ticket, entry?: Entry) => Effect.Effect<void, never, Scope.Scope>
  /**
   * The job is over: nothing is left to be cancelled. `gone` is ignored within 10 seconds of the job's acceptance, since
   * the server's replicas may not know it yet.
   */
  readonly settle: (job: Kind, id: string, ending: Ending) => Effect.Effect<void>
  /** So many results of a job that goes on still wait for a worker. */
  readonly progressed: (job: Kind, id: string, waiting: number) => Effect.Effect<void>
  /**
   * The results of a job are to be kept: once it is over, it stays in the journal until they are {@link delivered}, even
   * if its scope closes before. It is cancelled all the same when that happens before it is over.
   */
  readonly keep: (job: Kind, id: string) => Effect.Effect<void>
  /** The results of a job are stored. Without this they count as delivered when the job's scope closes. */
  readonly delivered: (job: Kind, id: string) => Effect.Effect<void>
  /**
   * Runs the call that cancels a job. It goes on when its caller is interrupted, so that it is not sent twice. Within 10
   * seconds of the job's acceptance it is repeated while the server does not know the job.
   */
  readonly cancelWith: <A, E extends CallError>(
    job: Kind,
    id: string,
    cancel: Effect.Effect<A, E>
  ) => Effect.Effect<A, E>
  /** Stops tracking a job without a cancel. Returns whether it was unfinished. */
  readonly detach: (job: Kind, id: string) => Effect.Effect<boolean>
  /** The jobs that would be cancelled if everything closed now. */
  readonly unfinished: Effect.Effect<ReadonlyArray<Unfinished>>
  /** Retries the failed cancels of abandoned jobs. */
  readonly cancelAgain: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long a cancel may take, repeats included, from 0 on. A second less than `drainWithin` by default. */
  readonly cancelWithin?: Duration.DurationInput
  /**
   * How long the end of a program may take: from the moment its jobs are abandoned, until the closing
   * layer gives up on submits whose answers are under way, and on cancels; from 0 on. 5 seconds by default.
   */
  readonly drainWithin?: Duration.DurationInput
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FollowUp extends Context.Tag("effect-horde/FollowUp")<FollowUp, Service>() {}
