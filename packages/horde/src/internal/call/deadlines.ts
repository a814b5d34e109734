/**
 * Time-outs of attempts. All attempts that may take equally long share one sleeping fiber: an attempt costs one fiber,
 * and its time-out none.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import * as MutableQueue from "effect/MutableQueue"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { monotonicMillis } from "../platform/monotonic.js"

/** An attempt that is under way, or was when the queue was last cleared. */
interface Attempt {
  readonly startedAt: number
  readonly interrupt: () => void
  isOver: boolean
}

/** How long the fiber sleeps at least before it looks for attempts again, and so how long it outlives the last one. */
const shortestSleep = 1000

/** Runs an attempt; where it takes too long it is interrupted, and fails with what `onTimeout` gives. */
export type Deadline = <A, E, E2>(attempt: Effect.Effect<A, E>, onTimeout: () => E2) => Effect.Effect<A, E | E2>

/**
 * The deadline of all attempts that may take `timeout`. They are queued in the order in which they expire. Each runs in
 * a fiber of its own, in what `adapt` makes of the caller's runtime.
 */
export const make = (
  timeout: Duration.Duration,
  adapt: (runtime: Runtime.Runtime<never>) => Runtime.Runtime<never> = identity
): Effect.Effect<Deadline, never, Scope.Scope> =>
  Effect.gen(function* () {
    const limit = Duration.toMillis(timeout)
    const queue = MutableQueue.unbounded<Attempt>()
    let watcher: Fiber.RuntimeFiber<void> | undefined
    yield* Effect.addFinalizer(() => {
      const last = watcher
      watcher = undefined
      return last === undefined ? Effect.void : Fiber.interrupt(last)
    })

    const watch = Effect.gen(function* () {
      let oldest: Attempt | undefined
      for (;;) {
        while (oldest === undefined || oldest.isOver) {
          oldest = MutableQueue.poll(queue, undefined)
          if (oldest !== undefined) continue
          // in the same step that found the queue empty: an attempt that is added after it starts a new watcher
          watcher = undefined
          return
        }
        const age = (yield* monotonicMillis) - oldest.startedAt
        if (age >= limit) {
          oldest.isOver = true
          oldest.interrupt()
        } else {
          // doubled as the attempt ages: one that hangs wakes the fiber a few times only
          yield* Effect.sleep(Math.min(limit - age, Math.max(age, shortestSleep)))
        }
      }
    })

    return <A, E, E2>(attempt: Effect.Effect<A, E>, onTimeout: () => E2) =>
      Effect.flatMap(Effect.runtime<never>(), (runtime) =>
        Effect.flatMap(monotonicMillis, (startedAt) =>
          Effect.async<A, E | E2>((resume) => {
            const fiber = Runtime.runFork(adapt(runtime))(Effect.interruptible(attempt))
            let isExpired = false
            const entry: Attempt = {
              startedAt,
              isOver: false,
              interrupt: () => {
                isExpired = true
                fiber.unsafeInterruptAsFork(FiberId.none)
              }
            }
            fiber.addObserver((exit) => {
              entry.isOver = true
              resume(isExpired && exit._tag === "Failure" ? Effect.failSync(onTimeout) : exit)
            })
            if (entry.isOver) return
            MutableQueue.offer(queue, entry)
            watcher ??= Runtime.runFork(runtime)(Effect.interruptible(watch))
            return Fiber.interrupt(fiber)
          })
        )
      )
  })
