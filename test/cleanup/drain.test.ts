/** How scopes that close in sequence share the drain time. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Drain from "../../packages/horde/src/internal/jobs/drain.js"
import { runToEnd, timed } from "../support/virtualTime.js"

describe("the drain time of scopes", () => {
  it.effect(
    "a scope gets the full drain time again once the previous drain is over, however many scopes closed in between",
    () =>
      Effect.gen(function* () {
        const drain = Drain.make({})
        const close = Effect.map(timed(drain.closeInTime(Effect.sleep("3 seconds"))), ({ took }) => took)
        const program = Effect.gen(function* () {
          assert.strictEqual(yield* close, 3000)
          assert.strictEqual(yield* close, 1000)
          // each closes so soon after the previous one that it counts to the same drain, for twice the drain time at most
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
