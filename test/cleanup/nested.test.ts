/** Nested scopes close one after another, and all of them close at the end of a program. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Clock, Effect } from "effect"
import type * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as QuickClock from "../support/quickClock.js"
import { anotherClient, jobOutcomes, jobs, logged, runToEnd, script, small, timed } from "../support/virtualTime.js"

const server = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))

/** Nested scopes, each with a job; `end` runs in the innermost one. */
const nested = <A>(depth: number, end: Effect.Effect<A>): Effect.Effect<A, unknown, Horde.Services> =>
  Effect.scoped(
    Effect.zipRight(ImageGeneration.submit(small(`number ${depth}`)), depth === 1 ? end : nested(depth - 1, end))
  )

/** How long a program with nested scopes takes to end, and its log. */
const ends = (depth: number) =>
  Effect.gen(function* () {
    const program = Effect.provide(nested(depth, Clock.currentTimeMillis), anotherClient)
    const { lines, value } = yield* logged(runToEnd(Effect.zip(program, Clock.currentTimeMillis), "100 millis"))
    return { took: value[1] - value[0], lines }
  })

describe("nested scopes", () => {
  for (const depth of [1, 2, 5]) {
    it.effect(`nested scopes close after five seconds in total if the server does not reply: depth ${depth}`, () =>
      Effect.gen(function* () {
        yield* script(Faults.hang("before", { method: "DELETE" }))
        const { lines, took } = yield* ends(depth)
        assert.strictEqual(took, 5000)
        // the innermost cancel is sent twice; the others are still being sent when the time is over
        assert.lengthOf(
          lines.filter((line) => line.includes("cancel failed")),
          2
        )
        const unanswered = lines.flatMap((line) => /(\d+) cancel\(s\) timed out/.exec(line)?.[1] ?? [])
        assert.deepStrictEqual(unanswered, depth === 1 ? [] : [String(depth - 1)])
      }).pipe(server)
    )
  }

  it.effect("nested scopes cancel each job once on a slow server", () =>
    Effect.gen(function* () {
      yield* script(Faults.latency("1500 millis", { method: "DELETE" }))
      const { lines, took } = yield* ends(3)
      assert.strictEqual(took, 4500)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1", "cancelled 1"])
      assert.deepStrictEqual(lines, [])
    }).pipe(server)
  )
})

describe("a process that is suspended while it ends", () => {
  for (const [title, depth, heldUp, wanted] of [
    ["between two scopes", 2, 300, 5000],
    ["between two scopes, until its time is over", 2, 1500, 5500],
    ["between its only scope and its layer", 1, 1500, 5500]
  ] as const) {
    it.effect(`a process that is suspended while it ends gets no second drain time: ${title}`, () => {
      const clock = QuickClock.make()
      const holdsUp = Effect.addFinalizer(() => clock.holdUp(heldUp))
      const inner = nested(1, Clock.currentTimeMillis)
      const program = Effect.scoped(
        Effect.gen(function* () {
          if (depth > 1) yield* ImageGeneration.submit(small("outer"))
          yield* holdsUp
          return yield* inner
        })
      )
      return Effect.gen(function* () {
        yield* script(Faults.hang("before", { method: "DELETE" }))
        const began = yield* Effect.provide(program, anotherClient)
        assert.strictEqual((yield* Clock.currentTimeMillis) - began, wanted)
      }).pipe(server, clock.during)
    })
  }
})

describe("independent scopes", () => {
  it.effect("independent scopes have the full time for their cancels each", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.hang("before", { method: "DELETE", times: 1 }),
        Faults.latency("3 seconds", { method: "DELETE" })
      )
      yield* runToEnd(
        Effect.gen(function* () {
          const first = yield* timed(nested(1, Effect.void))
          assert.strictEqual(first.took, 4000)
          yield* Effect.sleep("1 second")
          const second = yield* timed(nested(1, Effect.void))
          assert.strictEqual(second.took, 3000)
          assert.strictEqual((yield* jobs)[1]?.state, "cancelled")
        }).pipe(Effect.provide(anotherClient))
      )
    }).pipe(server)
  )
})
