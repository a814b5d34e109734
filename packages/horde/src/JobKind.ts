/**
 * What distinguishes one kind of jobs from another. Tracking, polling, recovery, quota and journal work with any kind.
 *
 * `ImageGeneration.kind` is one; `Horde.kinds` are all.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { CallError } from "./HordeError.js"
import type { CancelRule } from "./internal/call/declaration.js"
import type { JobView } from "./internal/jobs/jobView.js"

/**
 * How the job of a submit whose reply was lost is found.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobSearch<out R = never> {
  /**
   * The ids of the account's jobs of this kind, including finished ones. The server caches the list for half a minute.
   */
  readonly ids: Effect.Effect<ReadonlyArray<string>, CallError, R>
  /** The state of a job. */
  readonly view: (id: string) => Effect.Effect<JobView, CallError, R>
  /**
   * The request of a job, as the server reports it. It fails if the server is too old to report requests. `prompt` is
   * absent if the server does not report the request of this job.
   */
  readonly request: (id: string) => Effect.Effect<{ readonly [field: string]: unknown }, CallError, R>
}

/**
 * A kind of jobs, as a value.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobKind<out R = never> {
  /** How such a job is cancelled, and how its request is recognised. */
  readonly starts: CancelRule
  /** Absent if the server does not list an account's jobs of this kind: a lost submit is then reported as `open`. */
  readonly search?: JobSearch<R>
}
