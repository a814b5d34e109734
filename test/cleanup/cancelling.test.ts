/** Explicit cancels. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect, Fiber, Stream } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { stack } from "../support/stack.js"
import { cancels, jobOutcomes, runToEnd, script, small } from "../support/virtualTime.js"

const working = Effect.provide(stack({ server: { worker: { takes: "10 seconds" } } }))

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))

/** A job of three pictures, one of which is finished. */
const oneOfThree = Effect.gen(function* () {
  const job = yield* ImageGeneration.submit(small("a quiet bay", 3))
  const waiting = yield* Effect.fork(Effect.flip(job.result))
  yield* Effect.sleep("15 seconds")
  return { job, waiting }
})

describe("explicit cancels", () => {
  it.effect("cancel returns the finished results, and a pending result fails with JobCancelled", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const { job, waiting } = yield* oneOfThree
            const pictures = yield* job.cancel
            assert.deepStrictEqual(
              pictures.map(({ mediaType }) => mediaType),
              ["image/webp"]
            )
            const error = yield* Fiber.join(waiting)
            assert(error._tag === "JobCancelled")
            assert.deepStrictEqual(error.partial, pictures)
            assert.deepStrictEqual(error.ticket, job.ticket)
            assert.strictEqual((yield* Effect.flip(Stream.runDrain(job.progress)))._tag, "JobCancelled")
          })
        ),
        "1 second"
      )
      assert.lengthOf(yield* cancels, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(working)
  )

  it.effect(
    "a pending result fails with JobCancelled even if the cancel's reply arrives after the end of the job",
    () =>
      Effect.gen(function* () {
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              const job = yield* ImageGeneration.submit(small())
              const waiting = yield* Effect.fork(Effect.flip(job.result))
              // carried out at once, and answered only at the fourth attempt
              yield* script(Faults.respondAfter({ status: 503 }, { method: "DELETE", times: 3 }))
              yield* job.cancel
              const error = yield* Fiber.join(waiting)
              assert.strictEqual(error._tag, "JobCancelled")
            })
          ),
          "1 second"
        )
        assert.lengthOf(yield* cancels, 4)
      }).pipe(idle)
  )

  it.effect("an interrupted cancel continues, and is not sent again when the scope closes", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            yield* script(Faults.latency("2 seconds", { method: "DELETE" }))
            const cancel = yield* Effect.fork(job.cancel)
            yield* Effect.sleep("1 second")
            yield* Fiber.interrupt(cancel)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(working)
  )

  it.effect("a cancel that is interrupted and then fails is sent again when the scope closes", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            yield* script(
              Faults.latency("2 seconds", { method: "DELETE", times: 1 }),
              Faults.respond({ status: 500 }, { method: "DELETE", times: 1 })
            )
            const cancel = yield* Effect.fork(job.cancel)
            yield* Effect.sleep("1 second")
            yield* Fiber.interrupt(cancel)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.deepStrictEqual(
        (yield* cancels).map(({ status }) => status),
        [500, 200]
      )
    }).pipe(working)
  )

  it.effect("a cancel whose reply is lost is repeated once", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            yield* script(Faults.reset("after", { method: "DELETE", times: 1 }))
            yield* job.cancel
          })
        )
      )
      assert.deepStrictEqual(
        (yield* cancels).map(({ delivered }) => delivered),
        ["reset", "whole"]
      )
    }).pipe(working)
  )

  it.effect("cancel of a job that the server has forgotten fails with JobExpired", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            yield* Effect.sleep("10 seconds")
            yield* script(Faults.vanish())
            assert.strictEqual((yield* Effect.flip(job.cancel))._tag, "JobExpired")
          })
        )
      )
      assert.lengthOf(yield* cancels, 1)
    }).pipe(working)
  )

  it.effect("two concurrent cancels cancel the job, and closing the scope sends no further cancel", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            yield* script(Faults.latency("1 second", { method: "DELETE" }))
            const both = yield* Effect.all([job.cancel, job.cancel], { concurrency: "unbounded" })
            assert.deepStrictEqual(both, [[], []])
          })
        )
      )
      // each caller needs a reply of its own
      assert.lengthOf(yield* cancels, 2)
    }).pipe(working)
  )

  it.effect("cancel of a finished job returns its results again", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* ImageGeneration.submit(small())
            const pictures = yield* job.result
            assert.deepStrictEqual(yield* job.cancel, pictures)
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 1"])
    }).pipe(working)
  )
})
