/** A clock that never jumps, for rate limit windows, backoff and leases. Deadlines of jobs use the wall clock. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole milliseconds since an arbitrary point in time: only differences are meaningful. */
export const monotonicMillisOf = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

export const monotonicMillis: Effect.Effect<number> = Effect.clockWith((clock) =>
  Effect.succeed(monotonicMillisOf(clock))
)
