/**
 * Time-outs of attempts. All attempts with the same time-out share one sleeping fiber, so that a time-out costs no
 * fiber of its own.
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

/** An attempt in the queue. It stays there until the watcher reaches it, even if it is over. */
interface Attempt {
  readonly startedAt: number
  readonly interrupt: () => void
  isOver: boolean
}

/** The shortest sleep of the watcher, in milliseconds: it ends this long after the last attempt at most. */
const shortestSleep = 1000

/** Runs an attempt. If it exceeds the time-out, it is interrupted and fails with the error of `onTimeout`. */
export type Deadline = <A, E, E2>(attempt: Effect.Effect<A, E>, onTimeout: () => E2) => Effect.Effect<A, E | E2>

/**
 * The deadline of all attempts with this time-out. They are queued in the order in which they expire. Each runs in its
 * own fiber, in the caller's runtime as changed by `adapt`.
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
          // synchronously after the queue was found empty: an attempt that is added later starts a new watcher
          watcher = undefined
          return
        }
        const age = (yield* monotonicMillis) - oldest.startedAt
        if (age >= limit) {
          oldest.isOver = true
          oldest.interrupt()
        } else {
          // doubles with the age of the attempt, so that one that hangs wakes the fiber only a few times
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
