/** Time that only goes forward, for limits and pauses: the wall clock can be set. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** In milliseconds, since an arbitrary time. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)
