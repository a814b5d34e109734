/** The time-outs of several attempts share a fiber, and each of them is exact. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import * as Deadlines from "../../packages/horde/src/internal/call/deadlines.js"
import { runToEnd } from "../support/virtualTime.js"

const deadline = Deadlines.make(Duration.seconds(30))

const endOf = <A, E>(effect: Effect.Effect<A, E>) => Effect.zip(Effect.either(effect), Clock.currentTimeMillis)

describe("time-outs of attempts", () => {
  it.scoped("a time-out interrupts each attempt at its own time", () =>
    Effect.gen(function* () {
      const within = yield* deadline
      const ends = yield* Effect.forEach(
        [0, 10, 10, 45],
        (start) => Effect.delay(endOf(within(Effect.never, () => `started at ${start}`)), Duration.seconds(start)),
        { concurrency: "unbounded" }
      ).pipe(runToEnd)
      const seen = ends.map(([result, at]) => [result._tag === "Left" ? result.left : "none", at])
      assert.deepStrictEqual(seen, [
        ["started at 0", 30_000],
        ["started at 10", 40_000],
        ["started at 10", 40_000],
        ["started at 45", 75_000]
      ])
    })
  )

  it.scoped("an attempt within its time-out succeeds or fails with its own result", () =>
    Effect.gen(function* () {
      const within = yield* deadline
      const attempts = [
        Effect.succeed("at once"),
        Effect.delay(Effect.succeed("later"), "29 seconds"),
        Effect.fail("no")
      ]
      const exits = yield* runToEnd(
        Effect.forEach(attempts, (attempt) => Effect.exit(within(attempt, () => "too late")), {
          concurrency: "unbounded"
        })
      )
      assert.deepStrictEqual(exits, [Exit.succeed("at once"), Exit.succeed("later"), Exit.fail("no")])
    })
  )

  it.scoped("a time-out waits until its attempt has been interrupted", () =>
    Effect.gen(function* () {
      const within = yield* deadline
      const cleaned = yield* Deferred.make<number>()
      const attempt = Effect.never.pipe(
        Effect.onInterrupt(() =>
          Effect.sleep("5 seconds").pipe(
            Effect.zipRight(Clock.currentTimeMillis),
            Effect.flatMap((now) => Deferred.succeed(cleaned, now))
          )
        )
      )
      const [, at] = yield* runToEnd(endOf(within(attempt, () => "too late")))
      assert.deepStrictEqual([at, yield* Deferred.await(cleaned)], [35_000, 35_000])
    })
  )

  it.scoped("an interruption of the caller interrupts the attempt", () =>
    Effect.gen(function* () {
      const within = yield* deadline
      const interrupted = yield* Deferred.make<void>()
      const attempt = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const fiber = yield* Effect.fork(within(attempt, () => "too late"))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isTrue(yield* Deferred.isDone(interrupted))
    })
  )

  it.scoped("no sleeping fiber remains a second after the last attempt", () =>
    Effect.gen(function* () {
      const within = yield* deadline
      yield* within(Effect.yieldNow(), () => "too late")
      assert.lengthOf(yield* TestClock.sleeps(), 1)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* TestClock.sleeps(), 0)
    })
  )

  it.effect("time-outs hold after a pause without attempts and after their scope has closed", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const within = yield* Scope.extend(deadline, scope)
      const late = Effect.fork(endOf(within(Effect.never, () => "too late")))
      yield* within(Effect.yieldNow(), () => "too late")
      yield* TestClock.adjust("10 seconds")
      const first = yield* late
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(first))[1], 40_000)
      yield* within(Effect.yieldNow(), () => "too late")
      yield* Scope.close(scope, Exit.void)
      const second = yield* late
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(second))[1], 70_000)
    })
  )
})
