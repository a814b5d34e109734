/** How scopes that close one after the other share the time of one end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Drain from "../../packages/horde/src/internal/jobs/drain.js"
import { runToEnd, timed } from "../support/virtualTime.js"

describe("a scope that closes", () => {
  it.effect("has time of its own again once the end before it is over, however many closed in between", () =>
    Effect.gen(function* () {
      const drain = Drain.make({})
      const close = Effect.map(timed(drain.closeInTime(Effect.sleep("3 seconds"))), ({ took }) => took)
      const program = Effect.gen(function* () {
        assert.strictEqual(yield* close, 3000)
        assert.strictEqual(yield* close, 1000)
        // each of these closes so soon after another one that it is part of the same end, for twice the drain at most
        for (let passed = 0; passed < 5940; passed += 90) {
          yield* Effect.sleep("90 millis")
          assert.strictEqual(yield* close, 0)
        }
        yield* Effect.sleep("90 millis")
        assert.strictEqual(yield* close, 3000)
      })
      yield* runToEnd(program, "10 millis")
    })
  )
})
