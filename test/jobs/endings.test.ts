/** The ways in which a job ends, as its caller gets them. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, type HordeServer } from "@effect-horde/server"
import { Chunk, Clock, Effect, Option, Stream } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type { WaitOptions } from "effect-horde/Job"
import * as Job from "effect-horde/Job"
import { stack } from "../support/stack.js"
import {
  cancels,
  checks,
  clearFaults,
  fetches,
  jobOutcomes,
  runToEnd,
  script,
  small,
  timed
} from "../support/virtualTime.js"

const horde = (worker: HordeServer.WorkerOptions = {}) => Effect.provide(stack({ server: { worker } }))

/** The first of several pictures succeeds, and the next two attempts fail. */
const failsLater = () => {
  let attempts = 0
  return Faults.failAttempts(2, () => attempts++ > 0)
}

const failing = (n: number, options?: WaitOptions) =>
  runToEnd(timed(Effect.flip(ImageGeneration.generate(small("a quiet bay", n), options))))

describe("jobs that end with missing pictures", () => {
  it.effect("a job whose only picture fails twice ends as short, without results", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(2))
      const { value } = yield* failing(1)
      assert(value._tag === "JobFaulted")
      assert.strictEqual(value.reason, "short")
      assert.deepStrictEqual(value.partial, [])
      assert.deepStrictEqual(yield* jobOutcomes, ["short 0"])
    }).pipe(horde())
  )

  it.effect("a job with one of two pictures ends as short, with that picture", () =>
    Effect.gen(function* () {
      yield* script(failsLater())
      const { value } = yield* failing(2)
      assert(value._tag === "JobFaulted")
      assert.strictEqual(value.reason, "short")
      assert.strictEqual(value.message, "1 of 2 results came (short)")
      assert.deepStrictEqual(
        value.partial.map((picture) => (picture as ImageGeneration.Picture).mediaType),
        ["image/webp"]
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["short 0"])
    }).pipe(horde())
  )

  it.effect("acceptPartial turns a short job with a picture into a success", () =>
    Effect.gen(function* () {
      yield* script(failsLater())
      const pictures = yield* runToEnd(Job.acceptPartial(ImageGeneration.generate(small("some", 2))))
      assert.lengthOf(pictures, 1)
      yield* script(Faults.failAttempts(2))
      const none = Job.acceptPartial(ImageGeneration.generate(small("none")))
      assert.strictEqual((yield* runToEnd(Effect.flip(none)))._tag, "JobFaulted")
    }).pipe(horde())
  )

  it.effect("acceptPartial ends the progress of a short job with its pictures", () =>
    Effect.gen(function* () {
      yield* script(failsLater())
      const events = yield* runToEnd(Stream.runCollect(Job.acceptPartial(ImageGeneration.progress(small("some", 2)))))
      const last = Option.getOrThrow(Chunk.last(events))
      assert(last._tag === "Finished")
      assert.lengthOf(last.results, 1)
    }).pipe(horde())
  )

  it.effect("a job that the server gives up ends as faulted", () =>
    Effect.gen(function* () {
      // lost workers are noticed after two and a half minutes each, by a sweep that runs once a minute
      yield* script(Faults.loseAttempts(3))
      const { took, value } = yield* failing(1)
      assert(value._tag === "JobFaulted")
      assert.strictEqual(value.reason, "faulted")
      assert.isAbove(took, 7 * 60_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["faulted 0"])
    }).pipe(horde())
  )

  it.effect("a job that is done but has a picture in progress continues until that picture is finished", () =>
    Effect.gen(function* () {
      yield* script(Faults.loseAttempts(2))
      const pictures = yield* runToEnd(ImageGeneration.generate(small()))
      assert.lengthOf(pictures, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde({ takes: "30 seconds" }))
  )

  it.effect("a job that is neither waiting nor running nor done for a minute ends as stalled", () =>
    Effect.gen(function* () {
      yield* script(Faults.stall())
      const { took, value } = yield* failing(1)
      assert(value._tag === "JobFaulted")
      assert.strictEqual(value.reason, "stalled")
      assert.isAtLeast(took, 60_000)
      assert.isBelow(took, 75_000)
    }).pipe(horde())
  )
})

describe("jobs that no worker can take", () => {
  it.effect("an impossible job is cancelled after a grace of one minute", () =>
    Effect.gen(function* () {
      const { took, value } = yield* failing(1)
      assert.strictEqual(value._tag, "JobImpossible")
      assert.isAtLeast(took, 60_000)
      assert.isBelow(took, 75_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(horde({ online: false }))
  )

  it.effect("an impossible job is cancelled after the grace that the program sets", () =>
    Effect.gen(function* () {
      const { took, value } = yield* failing(1, { impossibleAfter: "10 seconds" })
      assert.strictEqual(value._tag, "JobImpossible")
      assert.isAtLeast(took, 10_000)
      assert.isBelow(took, 20_000)
    }).pipe(horde({ online: false }))
  )

  it.effect("an impossible job continues until its deadline if its grace is infinite", () =>
    Effect.gen(function* () {
      const { took, value } = yield* failing(1, { impossibleAfter: Number.POSITIVE_INFINITY, deadline: "10 minutes" })
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, 10 * 60_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(horde({ online: false }))
  )

  it.effect("an impossible job continues if a worker appears within the grace", () =>
    Effect.gen(function* () {
      yield* script(Faults.impossible())
      const program = Effect.gen(function* () {
        const drawing = yield* Effect.fork(ImageGeneration.generate(small()))
        yield* Effect.sleep("40 seconds")
        yield* clearFaults
        return yield* drawing
      })
      assert.lengthOf(yield* runToEnd(program), 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde())
  )
})

describe("jobs that the server has forgotten", () => {
  it.effect("a forgotten job fails with JobExpired at once and is not cancelled", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const drawing = yield* Effect.fork(Effect.flip(ImageGeneration.generate(small())))
        yield* Effect.sleep("5 seconds")
        yield* script(Faults.vanish())
        const vanishedAt = yield* Clock.currentTimeMillis
        const error = yield* drawing
        return { error, later: (yield* Clock.currentTimeMillis) - vanishedAt }
      })
      const { error, later } = yield* runToEnd(program)
      assert.strictEqual(error._tag, "JobExpired")
      assert.isBelow(later, 13_000)
      assert.lengthOf(yield* cancels, 0)
      assert.strictEqual((yield* checks).at(-1)?.status, 404)
    }).pipe(horde({ takesJobs: false }))
  )

  it.effect("a job that is forgotten between its end and the fetch fails with JobExpired", () =>
    Effect.gen(function* () {
      const gone = { message: "gone", rc: "RequestNotFound" }
      yield* script(
        Faults.respond(
          { status: 404, contentType: "application/json", body: JSON.stringify(gone) },
          { method: "GET", path: "/v2/generate/status/:id" }
        )
      )
      const { value } = yield* failing(1)
      assert.strictEqual(value._tag, "JobExpired")
      assert.lengthOf(yield* fetches, 1)
    }).pipe(horde({ takes: "30 seconds" }))
  )
})

describe("censored pictures", () => {
  it.effect("a censored picture is a result with its censored flag", () =>
    Effect.gen(function* () {
      yield* script(Faults.censor())
      const [picture] = yield* runToEnd(ImageGeneration.generate(small()))
      assert.isTrue(picture?.censored)
      assert.deepStrictEqual(
        picture?.metadata.map(({ type }) => type),
        ["censorship"]
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde())
  )
})
