/** The time limit of a shutdown: all scopes and the layer together. All times are in milliseconds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { durationOr } from "../platform/duration.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { Options } from "./followUpService.js"

/** A scope that closes so soon after one that had to wait for its cancels is part of the same end. */
const sameEnd = 100
/**
 * That time passes in steps, each of which begins when the one before it is over. A process that is held up (by a busy
 * machine) loses one step and not all of them, so that the next scope still closes within the same end.
 */
const steps = 10

export interface Drain {
  readonly cancelWithin: number
  /** The part of the drain that is reserved for cancels of ids that arrive during it. */
  readonly reserve: number
  /**
   * Closes the jobs of a scope. Scopes within scopes close in turn, and share the time of one: what is not cancelled by
   * then goes on, and the layer waits for it.
   */
  readonly closeInTime: (closing: Effect.Effect<void>) => Effect.Effect<void>
  /** Begins the end of the layer, and gives what tells how much of its time is left. */
  readonly last: Effect.Effect<Effect.Effect<number>>
}

export const make = (options: Options): Drain => {
  const drainWithin = Duration.toMillis(durationOr(options.drainWithin, Duration.seconds(5)))
  const reserve = Math.min(1000, drainWithin / 5)
  const cancelWithin = Duration.toMillis(durationOr(options.cancelWithin, Duration.millis(drainWithin - reserve)))
  /** When the end began in which jobs were last given up. */
  let abandonedAt = Number.NEGATIVE_INFINITY
  /** The number of times that a scope was closed that waited in it, and whether the last time was only just now. */
  let closed = 0
  let isEnding = false

  const stay = Effect.suspend(() => {
    const mine = ++closed
    isEnding = true
    return Effect.sleep(sameEnd / steps).pipe(
      Effect.repeatN(steps - 1),
      Effect.andThen(() => {
        if (mine === closed) isEnding = false
      }),
      Effect.forkDaemon
    )
  })

  return {
    cancelWithin,
    reserve,
    closeInTime: (closing) =>
      Effect.gen(function* () {
        const now = yield* monotonicMillis
        // limited, since scopes that close all the time would otherwise never begin an end of their own
        const isOneOfSeveral = isEnding && now - abandonedAt <= 2 * drainWithin
        if (isOneOfSeveral) {
          const fiber = yield* Effect.forkDaemon(closing)
          const left = Math.max(0, abandonedAt + cancelWithin - now)
          yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), left)
        } else {
          abandonedAt = now
          yield* closing
        }
        if (isOneOfSeveral || (yield* monotonicMillis) - now > sameEnd) yield* stay
      }),
    last: Effect.map(monotonicMillis, (now) => {
      const until = (isEnding || now - abandonedAt < drainWithin ? abandonedAt : now) + drainWithin
      return Effect.map(monotonicMillis, (then) => Math.max(0, until - then))
    })
  }
}
