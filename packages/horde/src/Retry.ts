/**
 * Retries calls if that is safe, and not before the time that the server names.
 *
 * - A limiter's 429 is retried for every endpoint, after the wait of `Retry-After`.
 * - 502, 503, 504, 520 to 527, 530, replies of gateways and broken connections are retried only for endpoints that are
 *   declared idempotent, and for calls with an idempotency key. The method is no indication: `PUT /v2/sharedkeys` creates
 *   a key each time.
 * - Other errors are not retried.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import type * as HordeError from "./HordeError.js"
import type { PreparedCall } from "./internal/call/declaration.js"
import { isGatewayStatus } from "./internal/call/refusal.js"
import { monotonicMillis } from "./internal/platform/monotonic.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Runs an attempt, and retries it while that is safe and the limits of the options allow it. */
  readonly repeat: <A, E extends HordeError.CallError>(
    attempt: Effect.Effect<A, E>,
    call: PreparedCall
  ) => Effect.Effect<A, E>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Retry extends Context.Tag("effect-horde/Retry")<Retry, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The maximum number of retries of a call. 5 by default. */
  readonly times?: number
  /** The maximum time from the first failure to the start of the last retry. 2 minutes by default. */
  readonly within?: Duration.DurationInput
  /** The first backoff. It doubles with each retry, plus a jitter of up to 20 %. 500 ms by default. */
  readonly pause?: Duration.DurationInput
}

/** The codes of overloaded servers and of gateways (Cloudflare's start at 520). */
const isTransientStatus = (status: number): boolean => status === 503 || isGatewayStatus(status)

const isTransient = (error: HordeError.CallError): boolean =>
  error._tag === "TransportError" ||
  (error._tag === "UnexpectedResponse" && error.isRetryable) ||
  (error._tag === "ServerError" && (error.fromGateway === true || isTransientStatus(error.status)))

/** The wait before the next attempt in milliseconds, or `undefined` if there must be none. */
const pauseAfter = (error: HordeError.CallError, call: PreparedCall, backoff: number): number | undefined => {
  if (error._tag === "RateLimited") {
    if (error.retryAfter === undefined) return backoff
    // the server rounds down to whole seconds: 0 means that less than a second of the window is left
    return Math.max(Duration.toMillis(error.retryAfter), 1000)
  }
  if (!call.declaration.idempotent || !isTransient(error)) return undefined
  // the server caches the state of a job for a second: an earlier poll returns the same state
  const shortest = call.declaration.followUp?._tag === "Settles" ? 1000 : 0
  const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
  return Math.max(backoff, shortest, asked)
}

const retries = Metric.counter("horde_retries_total", {
  description: "Retried attempts, by endpoint",
  incremental: true
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Service => {
  const times = options.times ?? 5
  const within = Duration.toMillis(options.within ?? "2 minutes")
  const firstPause = Duration.toMillis(options.pause ?? "500 millis")
  const repeat: Service["repeat"] = (attempt, call) =>
    Effect.catchAll(attempt, (firstError) =>
      Effect.gen(function* () {
        const started = yield* monotonicMillis
        let error = firstError
        for (let repeats = 0; repeats < times; repeats++) {
          const jitter = 1 + 0.2 * (yield* Random.next)
          const pause = pauseAfter(error, call, Math.round(firstPause * 2 ** repeats * jitter))
          if (pause === undefined) break
          const now = yield* monotonicMillis
          if (now + pause - started > within) break
          yield* Effect.sleep(pause)
          yield* Metric.increment(Metric.tagged(retries, "endpoint", call.name))
          const result = yield* Effect.either(attempt)
          if (result._tag === "Right") return result.right
          error = result.left
        }
        return yield* Effect.fail(error)
      })
    )
  return { repeat }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Retry> => Layer.sync(Retry, () => make(options))

/**
 * No retries.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNone: Layer.Layer<Retry> = Layer.succeed(Retry, {
  repeat: <A, E extends HordeError.CallError>(attempt: Effect.Effect<A, E>): Effect.Effect<A, E> => attempt
})
