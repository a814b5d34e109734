/**
 * Takes turns, so that the server's limiter is not met.
 *
 * - Fixed windows, as the server counts them: each starts with its first request. Their sizes are the endpoints' own
 *   `limits`; what the server says along with its replies (`X-RateLimit-*`, and a limiter's 429) corrects them, since
 *   trusted callers have more, and other programs may share the address.
 * - An account may have only so many pictures waiting for a worker. A submit that is refused for that
 *   (`TooManyPrompts`) waits until jobs of this program have moved on, and fails at once where it has none.
 * - A time-out of the caller's address (`TimeoutIP`) pauses the route that was refused, for the seconds that the server
 *   names. The server blocks submits and pops only, so polls, results and cancels go on.
 * - A wait that is longer than `maxWait` is not begun: the call fails as `RateLimited`.
 *
 * All fibers of a connection share one budget. Waiting is by Effect's monotonic clock: a change of the system's time
 * neither shortens nor prolongs a wait.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as HordeError from "./HordeError.js"
import type { Limit, PreparedCall } from "./internal/call/declaration.js"
import { Windows } from "./internal/limits/fixedWindows.js"
import { WaitingRoom } from "./internal/limits/jobQuota.js"
import { limiterWindow } from "./internal/limits/limiterMessage.js"
import { monotonicMillis } from "./internal/platform/monotonic.js"
import type { Reply } from "./Reply.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Waits until the call may be sent, for `maxWait` at most. Every attempt takes its turn. */
  readonly turn: (call: PreparedCall, apiKey: Redacted.Redacted) => Effect.Effect<void, HordeError.RateLimited>
  /** Takes in what the server says of its limits along with any reply. */
  readonly learn: (call: PreparedCall, apiKey: Redacted.Redacted, reply: Reply) => Effect.Effect<void>
  /** Takes in a refusal, and says whether the call may simply take another turn. */
  readonly refused: (
    call: PreparedCall,
    apiKey: Redacted.Redacted,
    error: HordeError.CallError
  ) => Effect.Effect<boolean>
  /** A job was started, of which so many pictures wait for a worker. */
  readonly jobStarted: (apiKey: Redacted.Redacted, job: string, waiting: number) => Effect.Effect<void>
  /** So many pictures of a job still wait for a worker. */
  readonly jobMoved: (job: string, waiting: number) => Effect.Effect<void>
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
  /** The longest wait for a window. A call that would have to wait longer fails as `RateLimited`. 5 minutes by default. */
  readonly maxWait?: Duration.DurationInput
}

/** Until when calls of a route are refused, and what the server said of it. */
interface Pause {
  readonly until: number
  readonly refusal: HordeError.CallError
}

const startsJob = (call: PreparedCall): boolean => call.declaration.followUp?._tag === "Starts"

const number = (header: string | undefined): number => (header === undefined ? Number.NaN : Number(header))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Service => {
  const limitsOf = options.limits ?? ((call: PreparedCall) => call.declaration.limits)
  const windows = new Windows(limitsOf)
  const room = new WaitingRoom()
  const maxWait = Duration.toMillis(options.maxWait ?? "5 minutes")
  /** By path template: a time-out of the caller's address blocks some routes, and each says so itself. */
  const pauses = new Map<string, Pause>()
  /** What the limiter last said, by path template. */
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

  const window = (call: PreparedCall, apiKey: Redacted.Redacted): Effect.Effect<void, HordeError.RateLimited> =>
    Effect.flatMap(monotonicMillis, (now) => {
      const pause = pauses.get(call.declaration.path)
      const isPaused = pause !== undefined && now < pause.until
      const wait = isPaused ? pause.until - now : windows.take(call, apiKey, now)
      if (wait === 0) return Effect.void
      if (wait > maxWait)
        return Effect.fail(tooLong(call, wait, isPaused ? pause.refusal : refusals.get(call.declaration.path)))
      // rounded up: a sleep of less than the clock can tell would end before its window does, again and again
      return Effect.zipRight(Effect.sleep(Math.ceil(wait)), window(call, apiKey))
    })

  const turn: Service["turn"] = (call, apiKey) => {
    if (!startsJob(call)) return window(call, apiKey)
    const leave = Effect.sync(() => room.left(Redacted.value(apiKey), call.results))
    return Effect.zipRight(
      room.enter(Redacted.value(apiKey), call.results),
      Effect.onError(window(call, apiKey), () => leave)
    )
  }

  const learn: Service["learn"] = (call, apiKey, { headers, status }) => {
    if (status === 429) return Effect.void // it speaks of the window that was breached, which `refused` is told
    const limit = number(headers["x-ratelimit-limit"])
    const remaining = number(headers["x-ratelimit-remaining"])
    const seconds = number(headers["retry-after"])
    if (!Number.isFinite(limit + remaining + seconds)) return Effect.void
    return Effect.map(monotonicMillis, (now) =>
      windows.learn(call, apiKey, { limit, remaining, endsWithin: seconds * 1000 }, now)
    )
  }

  const refused: Service["refused"] = (call, apiKey, error) =>
    Effect.map(monotonicMillis, (now) => {
      const wait = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
      if (error._tag === "TooManyJobs") return room.refused(Redacted.value(apiKey), call.results, now)
      if (error._tag === "Forbidden" && error.rc === "TimeoutIP") {
        pauses.set(call.declaration.path, { until: now + wait, refusal: error })
      }
      if (error._tag === "RateLimited") {
        refusals.set(call.declaration.path, error)
        const breach = limiterWindow(error.message)
        if (breach !== undefined) windows.breached(call, apiKey, { ...breach, endsWithin: wait }, now)
      }
      if (startsJob(call)) room.left(Redacted.value(apiKey), call.results)
      return false
    })

  return {
    turn,
    learn,
    refused,
    jobStarted: (apiKey, job, waiting) => Effect.sync(() => room.started(Redacted.value(apiKey), job, waiting)),
    jobMoved: (job, waiting) => Effect.sync(() => room.update(job, waiting))
  }
}

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<RateLimit> = Layer.sync(RateLimit, make)

/**
 * The same with other windows than the endpoints declare: `layerWith({ limits: () => [] })` has none.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<RateLimit> => Layer.sync(RateLimit, () => make(options))

/**
 * Never waits.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNone: Layer.Layer<RateLimit> = Layer.succeed(RateLimit, {
  turn: () => Effect.void,
  learn: () => Effect.void,
  refused: () => Effect.succeed(false),
  jobStarted: () => Effect.void,
  jobMoved: () => Effect.void
})
