import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, TestClock } from "effect"
import { withDriftingClock } from "./driftingClock.js"

describe("withDriftingClock", () => {
  it.effect("TestClock.adjust moves both clocks, and setting the wall clock moves that alone", () =>
    withDriftingClock((shiftWallClock) =>
      Effect.gen(function* () {
        const wall = yield* Clock.currentTimeMillis
        const monotonic = yield* Clock.currentTimeNanos
        const sleeper = yield* Effect.fork(Effect.sleep("1 minute"))
        yield* shiftWallClock(-3_600_000)
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual((yield* Fiber.poll(sleeper))._tag, "None")
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(sleeper)
        assert.strictEqual((yield* Clock.currentTimeMillis) - wall, 60_000 - 3_600_000)
        assert.strictEqual((yield* Clock.currentTimeNanos) - monotonic, 60_000_000_000n)
      })
    )
  )
})
