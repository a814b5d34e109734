/** Time that passes faster than it does, and the same in several processes. */
import { Clock, Duration, Effect } from "effect"

/** How many seconds pass in one. */
export const factor = 10

/** Milliseconds since the epoch, as they are here: both clocks agree at `origin`. */
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
