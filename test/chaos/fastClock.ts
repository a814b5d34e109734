/** A clock that runs faster than real time, and shows the same time in several processes. */
import { Clock, Duration, Effect } from "effect"

/**
 * Seconds of this clock in one real second: as many as an idle machine can follow, unless the environment sets another
 * number for this process and its children.
 */
export const factor = Number(process.env["HORDE_CHAOS_FACTOR"] ?? 10)

/** Milliseconds since the epoch by this clock: both clocks agree at `origin`. */
export const fastNow = (origin: number): number => {
  const real = performance.timeOrigin + performance.now()
  return origin + (real - origin) * factor
}

export const fastClock = (origin: number): Clock.Clock => {
  const real = Clock.make()
  const nanos = () => BigInt(Math.round(fastNow(origin) * 1000)) * 1000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => Math.round(fastNow(origin)),
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => Math.round(fastNow(origin))),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => real.sleep(Duration.times(duration, 1 / factor))
  }
}
