/** Retries a failed download with exponential backoff, not before the time in `Retry-After`. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { monotonicMillis } from "../platform/monotonic.js"

/** An attempt failed, but the next one may succeed. */
export class TryAgain extends Data.TaggedError("TryAgain")<{
  readonly message: string
  /** The server's `Retry-After`. */
  readonly retryAfter?: Duration.Duration | undefined
}> {}

const initialDelay = 500
const maxDelay = 15_000

/**
 * Retries an attempt, as long as the next one starts within the given time. If the server asks to wait for longer than
 * that, it fails at once, with a message that says so.
 */
export const retryFor =
  (within: Duration.Duration) =>
  <A, E>(attempt: Effect.Effect<A, E | TryAgain>): Effect.Effect<A, E | TryAgain> =>
    Effect.flatMap(monotonicMillis, (started) => {
      const run = (failures: number): Effect.Effect<A, E | TryAgain> =>
        Effect.catchIf(
          attempt,
          (error) => error instanceof TryAgain,
          (error) =>
            Effect.gen(function* () {
              const left = started + Duration.toMillis(within) - (yield* monotonicMillis)
              const requested = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
              if (requested > left) {
                const wait = Duration.format(Duration.millis(requested))
                const message = `${error.message}, and asks to wait ${wait}: retries may take ${Duration.format(within)} in all`
                return yield* new TryAgain({ message, retryAfter: error.retryAfter })
              }
              const jitter = 1 + 0.2 * (yield* Random.next)
              const delay = Math.max(requested, Math.round(Math.min(initialDelay * 2 ** failures, maxDelay) * jitter))
              if (delay > left) return yield* error
              yield* Effect.sleep(delay)
              return yield* run(failures + 1)
            })
        )
      return run(0)
    })
