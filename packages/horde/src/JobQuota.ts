/**
 * Delays submits while the account has the maximum number of waiting results.
 *
 * The server refuses a submit beyond that number with `TooManyJobs`. Such a submit waits until jobs of this program
 * have progressed, and is sent again. If this program has no such job, it fails at once.
 *
 * Each account and each kind of job has its own quota. Layers that share this service share the quotas.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Kind } from "./internal/jobs/ticket.js"
import { Quota } from "./internal/limits/jobQuota.js"
import { monotonicMillis } from "./internal/platform/monotonic.js"

/**
 * A job that is about to be submitted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly apiKey: Redacted.Redacted
  readonly kind: Kind
  /** The number of requested results. */
  readonly results: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Runs a submit as soon as the quota allows its results, and again if it fails with `TooManyJobs`. */
  readonly limited: <A, E>(submit: Effect.Effect<A, E>, request: Request) => Effect.Effect<A, E>
  /** Records that a submit has started a job with this id. */
  readonly started: (request: Request, id: string) => Effect.Effect<void>
  /** Records how many results of a job still wait for a worker. */
  readonly updated: (kind: Kind, id: string, waiting: number) => Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class JobQuota extends Context.Tag("effect-horde/JobQuota")<JobQuota, Service>() {}

const accountOf = ({ apiKey, kind }: Request): string => `${kind} ${Redacted.value(apiKey)}`

const jobOf = (kind: Kind, id: string): string => `${kind} ${id}`

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Service => {
  const quota = new Quota()

  const limited: Service["limited"] = <A, E>(submit: Effect.Effect<A, E>, request: Request): Effect.Effect<A, E> => {
    const account = accountOf(request)
    /** Whether the server refused the submit for its quota, and it may be sent again when own jobs have progressed. */
    const mayRetry = (cause: Cause.Cause<E>, now: number): boolean => {
      const isRefused = cause._tag === "Fail" && Predicate.isTagged(cause.error, "TooManyJobs")
      if (isRefused) return quota.refused(account, request.results, now)
      quota.release(account, request.results)
      return false
    }
    const attempt: Effect.Effect<A, E> = Effect.uninterruptibleMask((restore) =>
      Effect.zipRight(quota.reserve(account, request.results).pipe(restore), Effect.exit(restore(submit))).pipe(
        Effect.flatMap((exit) =>
          Exit.isSuccess(exit)
            ? exit
            : Effect.flatMap(monotonicMillis, (now) => (mayRetry(exit.cause, now) ? restore(attempt) : exit))
        )
      )
    )
    return attempt
  }

  return {
    limited,
    started: (request, id) =>
      Effect.sync(() => quota.started(accountOf(request), jobOf(request.kind, id), request.results)),
    updated: (kind, id, waiting) => Effect.sync(() => quota.update(jobOf(kind, id), waiting))
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<JobQuota> = Layer.sync(JobQuota, make)

/**
 * No quota: submits are sent at once.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNone: Layer.Layer<JobQuota> = Layer.succeed(JobQuota, {
  limited: <A, E>(submit: Effect.Effect<A, E>): Effect.Effect<A, E> => submit,
  started: () => Effect.void,
  updated: () => Effect.void
})
