/** A clock with little overhead, for tests in which much time passes and only timers wait. */
import { Clock, Duration, Effect, Fiber, Layer } from "effect"

export interface QuickClock {
  /** Runs by this clock. */
  readonly by: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Makes the services of other layers run by this clock. */
  readonly layer: Layer.Layer<never>
  /** Suspends the process: time passes, and no sleeper wakes until it continues. */
  readonly holdUp: (duration: Duration.DurationInput) => Effect.Effect<void>
  /** Lets time pass, and wakes each sleeper at its time. */
  readonly pass: (duration: Duration.DurationInput) => Effect.Effect<void>
  /** Runs an effect by this clock while time passes, and gives up after a day of it. */
  readonly during: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Runs everything that is ready. */
export const settled: Effect.Effect<void> = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

export const make = (): QuickClock => {
  let now = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(Math.round(now)) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(Math.round(now)) * 1_000_000n),
    sleep: (duration) =>
      Effect.async((resume) => {
        const sleeper = { at: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        sleepers.add(sleeper)
        return Effect.sync(() => void sleepers.delete(sleeper))
      })
  }

  const next = () => [...sleepers].reduce((first, one) => (one.at < first.at ? one : first))
  const step = (until: number) =>
    Effect.suspend(() => {
      const first = sleepers.size === 0 ? undefined : next()
      now = Math.max(now, Math.min(first?.at ?? until, until))
      if (first !== undefined && first.at <= until) {
        sleepers.delete(first)
        first.wake()
      }
      return settled
    })
  const by = Effect.withClock(clock)

  return {
    by,
    layer: Layer.setClock(clock),
    holdUp: (duration) =>
      Effect.sync(() => {
        now += Duration.toMillis(duration)
      }),
    pass: (duration) =>
      Effect.suspend(() => {
        const until = now + Duration.toMillis(duration)
        return Effect.zipRight(
          settled,
          Effect.whileLoop({ while: () => now < until, body: () => step(until), step: () => {} })
        )
      }),
    during: (effect) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(by(effect))
        yield* settled
        const end = now + Duration.toMillis("1 day")
        while ((yield* Fiber.poll(fiber))._tag === "None") {
          if (now >= end || sleepers.size === 0) {
            yield* Fiber.interruptFork(fiber)
            return yield* Effect.dieMessage("it waits for something else than time")
          }
          yield* step(end)
        }
        return yield* Fiber.join(fiber)
      })
  }
}
