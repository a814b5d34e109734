/**
 * A test clock whose wall clock can be set while the monotonic clock continues, as in an operating system. `TestClock`
 * has one time for both, so it cannot show a sleep that is computed from the wrong one.
 */
import { type Clock, Effect, TestClock } from "effect"

/** The monotonic clock starts at another time than the wall clock, so that a mix of the two shows. In milliseconds. */
const monotonicOrigin = 86_400_000

/** Sets the wall clock: `by` milliseconds forward, or back where it is negative. */
export type ShiftWallClock = (by: number) => Effect.Effect<void>

/**
 * Runs a program on such a clock. `TestClock.adjust` works within it as usual and moves both; sleeps end by the
 * monotonic clock. Everything that the program calls sees the shifted wall clock, an embedded horde included.
 */
export const withDriftingClock = <A, E, R>(
  program: (shiftWallClock: ShiftWallClock) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(TestClock.testClock(), (clock) => {
    let shift = 0
    const wall = () => clock.unsafeCurrentTimeMillis() + shift
    const monotonic = () => BigInt(Math.round((clock.unsafeCurrentTimeMillis() + monotonicOrigin) * 1_000_000))
    const drifting: Clock.Clock = Object.create(clock, {
      unsafeCurrentTimeMillis: { value: wall },
      currentTimeMillis: { value: Effect.sync(wall) },
      unsafeCurrentTimeNanos: { value: monotonic },
      currentTimeNanos: { value: Effect.sync(monotonic) }
    })
    const shiftWallClock: ShiftWallClock = (by) =>
      Effect.sync(() => {
        shift += by
      })
    return Effect.withClock(program(shiftWallClock), drifting)
  })
