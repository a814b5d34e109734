/** A job's deadline, and failures that do not end a job. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Duration, Effect } from "effect"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import { stack } from "../support/stack.js"
import {
  anotherClient,
  cancels,
  checks,
  clearFaults,
  jobOutcomes,
  logged,
  runToEnd,
  script,
  small,
  timed
} from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false, takes: "1 minute" } } }))
const minutes = (count: number) => count * 60_000

describe("deadlines of jobs", () => {
  const deadlines: ReadonlyArray<readonly [string, ImageGeneration.GenerationInputStable, Job.WaitOptions, number]> = [
    ["20 minutes by default", small(), {}, 20],
    ["60 minutes if extra slow workers may take the job", { ...small(), extra_slow_workers: true }, {}, 60],
    ["the time that the program sets", { ...small(), extra_slow_workers: true }, { deadline: "5 minutes" }, 5]
  ]

  for (const [title, request, options, expected] of deadlines) {
    it.effect(`the deadline is ${title}`, () =>
      Effect.gen(function* () {
        // the server itself forgets a job that no worker took for 20 minutes
        const isForgotten = expected >= 20
        const waiting = Effect.flip(ImageGeneration.generate(request, options))
        yield* script(stillWaiting)
        const { took, value } = yield* runToEnd(timed(waiting), "1 minute")
        assert.strictEqual(value._tag, "JobTimedOut")
        assert.strictEqual(took, minutes(expected))
        assert.deepStrictEqual(yield* jobOutcomes, [isForgotten ? "expired 0" : "cancelled 1"])
      }).pipe(idle)
    )
  }

  it.effect("a last poll may follow the deadline for a minute at most", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("before", { method: "GET" }))
      const waiting = ImageGeneration.generate(small(), { deadline: "45 seconds" })
      const { took, value } = yield* runToEnd(timed(Effect.flip(waiting)), "1 second")
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, 105_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("an infinite deadline never passes", () =>
    Effect.gen(function* () {
      const waiting = ImageGeneration.generate(small(), { deadline: Infinity, impossibleAfter: Infinity })
      assert.lengthOf(yield* runToEnd(waiting), 1)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "145 seconds", startsAfter: "18 minutes" } } })))
  )

  it.effect("a timed-out job fails with its finished pictures", () =>
    Effect.gen(function* () {
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      const { took, value } = yield* runToEnd(timed(Effect.flip(waiting)))
      assert(value._tag === "JobTimedOut")
      assert.lengthOf(value.partial, 1)
      assert.strictEqual(took, 45_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("a timed-out job succeeds if its cancel returns the results that no poll returned", () =>
    Effect.gen(function* () {
      for (const path of ["/v2/generate/check/:id", "/v2/generate/status/:id"]) {
        yield* script(Faults.hang("before", { method: "GET", path }))
      }
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      assert.lengthOf(yield* runToEnd(waiting, "1 second"), 2)
      assert.lengthOf(yield* cancels, 1)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "10 seconds" } } })))
  )

  it.effect("a timed-out job is not cancelled if its scope stays open, and fails with its finished pictures", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small("two", 2), { deadline: "45 seconds" })
        const error = yield* Effect.flip(job.result)
        assert(error._tag === "JobTimedOut")
        assert.lengthOf(error.partial, 1)
        assert.lengthOf(yield* cancels, 0)
      })
      yield* runToEnd(Effect.scoped(program))
      assert.lengthOf(yield* cancels, 1)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("a timed-out job fails with a ticket that resumes it", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small("two", 2), { deadline: "45 seconds" })
        const error = yield* Effect.flip(job.result)
        assert(error._tag === "JobTimedOut")
        const resumed = yield* ImageGeneration.resume(error.ticket)
        return yield* resumed.result
      })
      assert.lengthOf(yield* runToEnd(Effect.scoped(program)), 2)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("the deadline counts from the submit, not from the first wait", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small(), { deadline: "10 minutes" })
        yield* Effect.sleep("9 minutes")
        return yield* timed(Effect.flip(job.result))
      })
      const { took, value } = yield* runToEnd(Effect.scoped(program))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, minutes(1))
    }).pipe(idle)
  )
})

/** Removes the server's limit on the age of a job. */
const stillWaiting = Faults.respondAfter(
  {
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ finished: 0, processing: 0, waiting: 1, done: false, wait_time: 30 })
  },
  { path: "/v2/generate/check/:id" }
)

/** The pauses between the checks. */
const pauses = Effect.map(checks, (all) => all.slice(1).map(({ at }, index) => at - (all[index]?.at ?? 0)))

describe("failing polls", () => {
  const broken = (response: Faults.Response, times?: number) =>
    script(Faults.respond(response, { path: "/v2/generate/check/:id", ...(times === undefined ? {} : { times }) }))

  const failures: Readonly<Record<string, Faults.Response>> = {
    "500": { status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' },
    "an HTML page with status 500": { status: 500, body: "<title>500</title>" },
    "an HTML page with status 522": { status: 522, body: "<title>522</title>" },
    "an HTML page with status 403": { status: 403, body: "<title>Just a moment...</title>" },
    "an HTML page with status 400": { status: 400, body: "<title>400</title>" },
    "an HTML page with status 404": { status: 404, body: "<title>404</title>" },
    "an HTML page with status 200": { status: 200, body: "<title>Welcome</title>" },
    "an empty reply with status 200": { status: 200, body: "" },
    "a redirect": { status: 302, headers: { location: "https://login.example/" }, body: "" },
    "an HTML page with status 429": { status: 429, body: "<title>429</title>" }
  }

  for (const [name, response] of Object.entries(failures)) {
    it.effect(`a job survives two minutes of polls that return ${name}`, () =>
      Effect.gen(function* () {
        yield* broken(response)
        const program = Effect.gen(function* () {
          const drawing = yield* Effect.fork(ImageGeneration.generate(small()))
          yield* Effect.sleep("2 minutes")
          yield* clearFaults
          return yield* drawing
        })
        assert.lengthOf(yield* runToEnd(program), 1)
        assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
      }).pipe(Effect.provide(stack()))
    )
  }

  it.effect("failing polls are repeated at growing intervals of up to thirty seconds until the deadline", () =>
    Effect.gen(function* () {
      yield* broken({ status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' })
      const { took, value } = yield* runToEnd(timed(Effect.flip(ImageGeneration.generate(small()))))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.isAtLeast(took, minutes(20))
      const known = (yield* pauses).slice(1)
      assert.isTrue(known.every((pause, index) => index === 0 || pause >= (known[index - 1] ?? 0)))
      assert.strictEqual(Math.max(...known), 30_000)
    }).pipe(idle)
  )

  it.effect("failing polls are logged once, with the last error", () =>
    Effect.gen(function* () {
      yield* broken({ status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' }, 30)
      const { lines } = yield* logged(runToEnd(ImageGeneration.generate(small())))
      assert.lengthOf(
        lines.filter((line) => line.includes("polls of a job keep failing") && line.includes("ServerError")),
        1
      )
    }).pipe(Effect.provide(stack()))
  )

  it.effect("a poll is not repeated before its Retry-After", () =>
    Effect.gen(function* () {
      yield* broken({ status: 500, body: "<title>500</title>", headers: { "retry-after": "150" } }, 1)
      yield* runToEnd(ImageGeneration.generate(small()))
      assert.isAtLeast(Math.max(...(yield* pauses)), 150_000)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("replies that cannot be decoded end a job after two minutes", () =>
    Effect.gen(function* () {
      yield* broken({ status: 200, contentType: "application/json", body: '{"done":true}' })
      const { took, value } = yield* runToEnd(timed(Effect.flip(ImageGeneration.generate(small()))), "1 second")
      assert.strictEqual(value._tag, "UnexpectedResponse")
      assert.isAtLeast(took, 120_000)
      assert.isAtMost(took, 160_000)
    }).pipe(idle)
  )

  it.effect("a final refusal of a poll ends the job at once", () =>
    Effect.gen(function* () {
      yield* broken({ status: 403, contentType: "application/json", body: '{"message":"no","rc":"NotModerator"}' })
      const error = yield* runToEnd(Effect.flip(ImageGeneration.generate(small())))
      assert.strictEqual(error._tag, "Forbidden")
      assert.lengthOf(yield* checks, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("deadlines of resumed jobs", () => {
  it.effect("the deadline of a resumed job counts from its resume", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const submit = Effect.flatMap(ImageGeneration.submit(small(), { deadline: "1 minute" }), (job) => job.detach)
        const ticket = yield* Effect.scoped(submit).pipe(Effect.provide(anotherClient))
        yield* Effect.sleep("5 minutes")
        const job = yield* ImageGeneration.resume(ticket, { deadline: Duration.minutes(2) })
        return yield* timed(Effect.flip(job.result))
      })
      const { took, value } = yield* runToEnd(Effect.scoped(program))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, minutes(2))
    }).pipe(idle)
  )
})
