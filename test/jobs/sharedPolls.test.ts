/** The consumers of one job share its polls and downloads. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Disk from "../support/disk.js"
import { downloads, run, saveOn } from "../support/saving.js"
import { stack } from "../support/stack.js"
import { checks, fetches, jobOutcomes, runToEnd, small } from "../support/virtualTime.js"

const horde = Effect.provide(stack({ server: { worker: { takes: "12 seconds" } } }))

const three = ImageGeneration.submit({ ...small("a quiet bay", 3), r2: true })

const count = Effect.map(Effect.all([checks, fetches, downloads]), (all) => all.map(({ length }) => length))

/** The requests of a job with only one consumer. */
const alone = run(Effect.flatMap(three, ({ result }) => Effect.zipRight(result, count))).pipe(horde)

describe("consumers of one job", () => {
  it.effect("save and a stream of progress send the requests of one consumer", () =>
    Effect.gen(function* () {
      const expected = yield* alone
      const found = yield* run(
        Effect.gen(function* () {
          const job = yield* three
          const events = yield* Effect.fork(Stream.runCollect(job.progress))
          const saved = yield* saveOn(Disk.make().process(), job)
          assert.lengthOf(saved, 3)
          const last = Array.from(yield* Fiber.join(events)).at(-1)
          assert.strictEqual(last?._tag === "Finished" ? last.results.length : 0, 3)
          return yield* count
        })
      ).pipe(horde)
      assert.deepStrictEqual(found, expected)
      assert.strictEqual(expected[2], 3)
    })
  )

  it.effect("a consumer that is interrupted does not end the polls of the others", () =>
    run(
      Effect.gen(function* () {
        const { result } = yield* three
        const first = yield* Effect.fork(result)
        const second = yield* Effect.fork(result)
        yield* Effect.sleep("3 seconds")
        yield* Fiber.interrupt(first)
        assert.lengthOf(yield* Fiber.join(second), 3)
        assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
      })
    ).pipe(horde)
  )

  it.effect("a job is not polled without a consumer", () =>
    run(
      Effect.gen(function* () {
        const { result } = yield* three
        const waiting = yield* Effect.fork(result)
        yield* Effect.sleep("3 seconds")
        yield* Fiber.interrupt(waiting)
        const before = yield* count
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* count, before)
      })
    ).pipe(horde)
  )
})

describe("the checks of a job", () => {
  it.effect("two consumers that start at different times check at most once per second", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const { result } = yield* three
            const first = yield* Effect.fork(result)
            yield* Effect.sleep("400 millis")
            yield* result
            yield* Fiber.join(first)
          })
        ),
        "100 millis"
      )
      const times = (yield* checks).map(({ at }) => at)
      const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      assert.isAtLeast(pauses.length, 3)
      assert.isAtLeast(Math.min(...pauses), 1000)
    }).pipe(horde)
  )
})
