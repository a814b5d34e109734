/** Time that passes faster than it does, and the same in several processes. */
import { Clock, Duration, Effect } from "effect"

/**
 * How many seconds pass in one: as many as a machine with nothing else to do can follow, unless the environment says
 * otherwise, to this process and all that it starts.
 */
export const factor = Number(process.env["HORDE_CHAOS_FACTOR"] ?? 10)

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
