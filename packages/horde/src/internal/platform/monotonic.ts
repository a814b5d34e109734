/** Time that never jumps: for windows, backoff and time-outs. Deadlines and leases use the wall clock. */
import * as Effect from "effect/Effect"

/** Whole milliseconds since some fixed point in time. Only differences mean something. */
export const monotonicMillis: Effect.Effect<number> = Effect.clockWith((clock) =>
  Effect.succeed(Number(clock.unsafeCurrentTimeNanos() / 1_000_000n))
)
