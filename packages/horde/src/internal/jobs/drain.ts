/** The time limit of a shutdown: all scopes and the layer together. All times are in milliseconds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { durationOr } from "../platform/duration.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { Options } from "./followUpService.js"

/** Scopes that close within this time after a scope that waited for its cancels belong to the same shutdown. */
const sameEnd = 100
/**
 * That time is slept in steps. A process that is not scheduled for a while (on a busy machine) loses one step and not
 * all of them, so that the next scope still belongs to the same shutdown.
 */
const steps = 10

export interface Drain {
  readonly cancelWithin: number
  /** The part of the drain that is reserved for cancels of ids that arrive during it. */
  readonly reserve: number
  /**
   * Closes the jobs of a scope. Nested scopes close one after the other and share one time limit: cancels that exceed
   * it continue, and the layer waits for them.
   */
  readonly closeInTime: (closing: Effect.Effect<void>) => Effect.Effect<void>
  /** Starts the shutdown of the layer. Returns an effect that reads its remaining time. */
  readonly last: Effect.Effect<Effect.Effect<number>>
}

export const make = (options: Options): Drain => {
  const drainWithin = Duration.toMillis(durationOr(options.drainWithin, Duration.seconds(5)))
  const reserve = Math.min(1000, drainWithin / 5)
  const cancelWithin = Duration.toMillis(durationOr(options.cancelWithin, Duration.millis(drainWithin - reserve)))
  /** The start of the last shutdown. */
  let abandonedAt = Number.NEGATIVE_INFINITY
  /** The steps that are left since the last scope that waited: until then, other scopes belong to its shutdown. */
  let stepsLeft = 0

  /** One fiber for all scopes: a shutdown may close thousands. */
  const extend = Effect.suspend(() => {
    const isCounting = stepsLeft > 0
    stepsLeft = steps
    if (isCounting) return Effect.void
    const step = Effect.map(Effect.sleep(sameEnd / steps), () => --stepsLeft)
    return Effect.forkDaemon(Effect.repeat(step, { while: (left) => left > 0 }))
  })

  return {
    cancelWithin,
    reserve,
    closeInTime: (closing) =>
      Effect.gen(function* () {
        const now = yield* monotonicMillis
        // limited, because scopes that close continuously would otherwise share one time limit forever
        const isOneOfSeveral = stepsLeft > 0 && now - abandonedAt <= 2 * drainWithin
        if (isOneOfSeveral) {
          const fiber = yield* Effect.forkDaemon(closing)
          const left = Math.max(0, abandonedAt + cancelWithin - now)
          yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), left)
        } else {
          abandonedAt = now
          yield* closing
        }
        if (isOneOfSeveral || (yield* monotonicMillis) - now > sameEnd) yield* extend
      }),
    last: Effect.map(monotonicMillis, (now) => {
      const until = (stepsLeft > 0 || now - abandonedAt < drainWithin ? abandonedAt : now) + drainWithin
      return Effect.map(monotonicMillis, (then) => Math.max(0, until - then))
    })
  }
}
