/**
 * Delays calls to stay within the server's limits.
 *
 * - Windows are fixed, as on the server: each starts with its first request. Their sizes are the endpoints' `limits`. The
 *   headers of replies (`X-RateLimit-*`) and a limiter's 429 correct them, because trusted callers have higher limits,
 *   and other programs may share the IP address.
 * - A time-out of the caller's IP address (`TimeoutIP`) pauses the refused route for the seconds that the server names.
 *   The server blocks submits and pops only, so polls, results and cancels continue.
 * - A call that would have to wait longer than `maxWait` fails at once with `RateLimited`.
 *
 * All fibers of a connection share one budget. Waits use a monotonic clock, which changes of the system time do not
 * affect.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as HordeError from "./HordeError.js"
import type { Limit, PreparedCall } from "./internal/call/declaration.js"
import { proxiedIp } from "./internal/call/proxiedFor.js"
import { FixedWindows } from "./internal/limits/fixedWindows.js"
import { limiterWindow } from "./internal/limits/limiterMessage.js"
import { monotonicMillis } from "./internal/platform/monotonic.js"
import type { Reply } from "./Reply.js"

/**
 * A reply with its error, if any.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly reply: Reply
  readonly error: HordeError.CallError | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * Runs an attempt as soon as the server's limits allow it, and updates the windows from its reply. If the wait would
   * be longer than `maxWait`, it sends nothing and fails with `RateLimited`.
   */
  readonly limited: <A extends Answer, E>(
    attempt: Effect.Effect<A, E>,
    call: PreparedCall,
    apiKey: Redacted.Redacted
  ) => Effect.Effect<A, E | HordeError.RateLimited>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class RateLimit extends Context.Tag("effect-horde/RateLimit")<RateLimit, Service>() {}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The windows of a call; those that its endpoint declares by default. */
  readonly limits?: (call: PreparedCall) => ReadonlyArray<Limit>
  /** The maximum wait. A call that would have to wait longer fails with `RateLimited`. 5 minutes by default. */
  readonly maxWait?: Duration.DurationInput
}

/** The end of a pause, in monotonic milliseconds, and the refusal that started it. */
interface Pause {
  readonly until: number
  readonly refusal: HordeError.CallError
}

const pauseKey = (call: PreparedCall): string => `${call.declaration.path} ${proxiedIp(call)}`

const number = (header: string | undefined): number => (header === undefined ? Number.NaN : Number(header))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Service => {
  const limitsOf = options.limits ?? ((call: PreparedCall) => call.declaration.limits)
  const windows = new FixedWindows(limitsOf)
  const maxWait = Duration.toMillis(options.maxWait ?? "5 minutes")
  /** By path template and address, because a time-out of an IP address blocks some routes only. */
  const pauses = new Map<string, Pause>()
  /** The limiter's last refusals, by path template. */
  const refusals = new Map<string, HordeError.RateLimited>()

  const tooLong = (call: PreparedCall, wait: number, cause?: HordeError.CallError): HordeError.RateLimited => {
    const { method, path } = call.declaration
    const seconds = Math.ceil(wait / 1000)
    const reason = cause === undefined ? "the requests of its window are used up" : `the server said: ${cause.message}`
    return new HordeError.RateLimited({
      method,
      path,
      status: cause?.status ?? 429,
      ...(cause?.rc === undefined ? {} : { rc: cause.rc }),
      retryAfter: Duration.millis(wait),
      message: `not sent: it would have to wait ${seconds} s, longer than maxWait allows; ${reason}`
    })
  }

  /** Waits until the windows allow the call, and counts it. */
  const acquire = (call: PreparedCall, apiKey: Redacted.Redacted): Effect.Effect<void, HordeError.RateLimited> =>
    Effect.flatMap(monotonicMillis, (now) => {
      const pause = pauses.get(pauseKey(call))
      const isPaused = pause !== undefined && now < pause.until
      const wait = isPaused ? pause.until - now : windows.take(call, apiKey, now)
      if (wait === 0) return Effect.void
      if (wait > maxWait)
        return Effect.fail(tooLong(call, wait, isPaused ? pause.refusal : refusals.get(call.declaration.path)))
      // rounded up: a sleep below the clock's resolution would end before its window does, repeatedly
      return Effect.zipRight(Effect.sleep(Math.ceil(wait)), acquire(call, apiKey))
    })

  const updateFromHeaders = (call: PreparedCall, apiKey: Redacted.Redacted, { headers }: Reply, now: number): void => {
    const limit = number(headers["x-ratelimit-limit"])
    const remaining = number(headers["x-ratelimit-remaining"])
    const seconds = number(headers["retry-after"])
    if (!Number.isFinite(limit + remaining + seconds)) return
    windows.learn(call, apiKey, { limit, remaining, endsWithin: seconds * 1000 }, now)
  }

  const onRefusal = (call: PreparedCall, apiKey: Redacted.Redacted, error: HordeError.CallError, now: number): void => {
    const wait = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
    if (error._tag === "Forbidden" && error.rc === "TimeoutIP") {
      pauses.set(pauseKey(call), { until: now + wait, refusal: error })
    }
    if (error._tag !== "RateLimited") return
    refusals.set(call.declaration.path, error)
    const breach = limiterWindow(error.message)
    if (breach !== undefined) windows.breached(call, apiKey, { ...breach, endsWithin: wait }, now)
  }

  return {
    limited: (attempt, call, apiKey) =>
      Effect.zipRight(
        acquire(call, apiKey),
        Effect.flatMap(attempt, (answer) =>
          Effect.map(monotonicMillis, (now) => {
            const { error, reply } = answer
            // the headers of a 429 are those of the window that was exceeded, which its message names
            if (reply.status !== 429) updateFromHeaders(call, apiKey, reply, now)
            if (error !== undefined) onRefusal(call, apiKey, error, now)
            return answer
          })
        )
      )
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimit> = Layer.sync(RateLimit, make)

/**
 * A rate limit with options: `layerWith({ limits: () => [] })` has no windows, and only follows the server's replies.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<RateLimit> => Layer.sync(RateLimit, () => make(options))

/**
 * No rate limit: calls are sent at once.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNone: Layer.Layer<RateLimit> = Layer.succeed(RateLimit, {
  limited: <A, E>(attempt: Effect.Effect<A, E>): Effect.Effect<A, E> => attempt
})
