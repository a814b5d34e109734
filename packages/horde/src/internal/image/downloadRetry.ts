/** Repeats a download that failed for now: with exponential backoff, and never before the time that was asked for. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { monotonicMillis } from "../platform/monotonic.js"

/** An attempt failed in a way that the next one may not. */
export class TryAgain extends Data.TaggedError("TryAgain")<{
  readonly message: string
  /** The server's `Retry-After`. */
  readonly retryAfter?: Duration.Duration | undefined
}> {}

const firstPause = 500
const longestPause = 15_000

/**
 * Repeats an attempt as long as the next one begins within a time. What is asked for beyond that time is not waited for
 * at all: the failure says so.
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
              const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
              if (asked > left) {
                const wait = Duration.format(Duration.millis(asked))
                const message = `${error.message}, and asks to wait ${wait}: retries may take ${Duration.format(within)} in all`
                return yield* new TryAgain({ message, retryAfter: error.retryAfter })
              }
              const jitter = 1 + 0.2 * (yield* Random.next)
              const pause = Math.max(asked, Math.round(Math.min(firstPause * 2 ** failures, longestPause) * jitter))
              if (pause > left) return yield* error
              yield* Effect.sleep(pause)
              return yield* run(failures + 1)
            })
        )
      return run(0)
    })
