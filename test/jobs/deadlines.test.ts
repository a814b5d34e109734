/** A job's deadline, and troubles on the way that do not end it. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Duration, Effect } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import { anotherClient, checks, clearFaults, fates, passing, script, small, timed } from "../support/life.js"
import { stack } from "../support/stack.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false, takes: "1 minute" } } }))
const minutes = (count: number) => count * 60_000

describe("the deadline", () => {
  const patience: ReadonlyArray<readonly [string, ImageGeneration.GenerationInputStable, Job.WaitOptions, number]> = [
    ["is 20 minutes", small(), {}, 20],
    ["is 60 minutes where extra slow workers may take the job", { ...small(), extra_slow_workers: true }, {}, 60],
    ["is what the program says", { ...small(), extra_slow_workers: true }, { deadline: "5 minutes" }, 5]
  ]

  for (const [title, request, options, expected] of patience) {
    it.effect(`${title}, and no longer`, () =>
      Effect.gen(function* () {
        // the server itself forgets a job after 20 minutes in which nobody took it
        const isForgotten = expected >= 20
        const waiting = Effect.flip(ImageGeneration.generate(request, options))
        yield* script(stillWaiting)
        const { took, value } = yield* passing(timed(waiting), "1 minute")
        assert.strictEqual(value._tag, "JobTimedOut")
        assert.strictEqual(took, minutes(expected))
        assert.deepStrictEqual(yield* fates, [isForgotten ? "expired 0" : "cancelled 1"])
      }).pipe(idle)
    )
  }

  it.effect("holds where a check hangs", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("before", { method: "GET" }))
      const waiting = ImageGeneration.generate(small(), { deadline: "45 seconds" })
      const { took, value } = yield* passing(timed(Effect.flip(waiting)))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, 45_000)
      assert.deepStrictEqual(yield* fates, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("keeps the pictures that are there", () =>
    Effect.gen(function* () {
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      const { took, value } = yield* passing(timed(Effect.flip(waiting)))
      assert(value._tag === "JobTimedOut")
      assert.lengthOf(value.partial, 1)
      assert.strictEqual(took, 45_000)
      assert.deepStrictEqual(yield* fates, ["cancelled 1"])
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("leaves five seconds for them, where their fetch hangs", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("before", { method: "GET", path: "/v2/generate/status/:id" }))
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      const { took, value } = yield* passing(timed(Effect.flip(waiting)))
      assert(value._tag === "JobTimedOut")
      assert.deepStrictEqual(value.partial, [])
      assert.strictEqual(took, 50_000)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("comes with a ticket that resumes the job", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small("two", 2), { deadline: "45 seconds" })
        const error = yield* Effect.flip(job.result)
        assert(error._tag === "JobTimedOut")
        const resumed = yield* ImageGeneration.resume(error.ticket)
        return yield* resumed.result
      })
      assert.lengthOf(yield* passing(Effect.scoped(program)), 2)
      assert.deepStrictEqual(yield* fates, ["finished 0"])
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("counts from the submit, not from when somebody begins to wait", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small(), { deadline: "10 minutes" })
        yield* Effect.sleep("9 minutes")
        return yield* timed(Effect.flip(job.result))
      })
      const { took, value } = yield* passing(Effect.scoped(program))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, minutes(1))
    }).pipe(idle)
  )
})

/** Keeps the server's forgetting of the job out of sight. */
const stillWaiting = Faults.respondAfter(
  {
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ finished: 0, processing: 0, waiting: 1, done: false, wait_time: 30 })
  },
  { path: "/v2/generate/check/:id" }
)

describe("looks that fail", () => {
  // 500 is not repeated within a call, so that each failure is a look of its own
  const failures = (times: number) =>
    Faults.respond({ status: 500, body: "<title>Oops</title>" }, { path: "/v2/generate/check/:id", times })

  it.effect("nine in a row do not end the wait", () =>
    Effect.gen(function* () {
      yield* script(failures(9))
      assert.lengthOf(yield* passing(ImageGeneration.generate(small())), 1)
      assert.lengthOf(
        (yield* checks).filter(({ status }) => status === 500),
        9
      )
      assert.deepStrictEqual(yield* fates, ["finished 0"])
    }).pipe(Effect.provide(stack()))
  )

  it.effect("ten do, with what the last one said", () =>
    Effect.gen(function* () {
      yield* script(failures(10))
      const error = yield* passing(Effect.flip(ImageGeneration.generate(small())))
      assert.strictEqual(error._tag, "ServerError")
      assert.lengthOf(yield* checks, 10)
      assert.deepStrictEqual(yield* fates, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("nine, a good one and nine more do not", () =>
    Effect.gen(function* () {
      yield* script(failures(9))
      const program = Effect.gen(function* () {
        const drawing = yield* Effect.fork(ImageGeneration.generate(small()))
        yield* Effect.sleep("3 minutes")
        yield* script(failures(9))
        yield* Effect.sleep("3 minutes")
        yield* clearFaults
        return yield* drawing
      })
      assert.lengthOf(yield* passing(program), 1)
    }).pipe(Effect.provide(stack({ server: { worker: { startsAfter: "5 minutes" } } })))
  )

  it.effect("become rarer, and no look is shorter after them", () =>
    Effect.gen(function* () {
      yield* script(failures(10))
      yield* passing(Effect.flip(ImageGeneration.generate(small())))
      const gaps = (yield* checks).slice(1).map(({ at }, index, all) => at - (all[index - 1]?.at ?? at))
      const known = gaps.slice(1)
      assert.isTrue(known.every((gap, index) => index === 0 || gap >= (known[index - 1] ?? 0)))
      assert.isAtMost(Math.max(...known), 10_000)
    }).pipe(idle)
  )

  it.effect("a refusal that says no for good ends the wait at once", () =>
    Effect.gen(function* () {
      const no = { status: 403, contentType: "application/json", body: '{"message":"no","rc":"NotModerator"}' }
      yield* script(Faults.respond(no, { path: "/v2/generate/check/:id" }))
      const error = yield* passing(Effect.flip(ImageGeneration.generate(small())))
      assert.strictEqual(error._tag, "Forbidden")
      assert.lengthOf(yield* checks, 1)
      assert.deepStrictEqual(yield* fates, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("a resumed job", () => {
  it.effect("has a deadline that counts from then", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const submit = Effect.flatMap(ImageGeneration.submit(small(), { deadline: "1 minute" }), (job) => job.detach)
        const ticket = yield* Effect.scoped(submit).pipe(Effect.provide(anotherClient))
        yield* Effect.sleep("5 minutes")
        const job = yield* ImageGeneration.resume(ticket, { deadline: Duration.minutes(2) })
        return yield* timed(Effect.flip(job.result))
      })
      const { took, value } = yield* passing(Effect.scoped(program))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, minutes(2))
    }).pipe(idle)
  )
})
