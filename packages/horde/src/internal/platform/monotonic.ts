/** Time that never jumps: for windows, backoff and time-outs. Deadlines and leases use the wall clock. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole milliseconds since some fixed point in time. Only differences mean something. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) =>
  Number(nanos / 1_000_000n)
)
