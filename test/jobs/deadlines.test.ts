/** A job's deadline, and troubles on the way that do not end it. */
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
        const { took, value } = yield* runToEnd(timed(waiting), "1 minute")
        assert.strictEqual(value._tag, "JobTimedOut")
        assert.strictEqual(took, minutes(expected))
        assert.deepStrictEqual(yield* jobOutcomes, [isForgotten ? "expired 0" : "cancelled 1"])
      }).pipe(idle)
    )
  }

  it.effect("is followed by a minute at most in which one last answer is looked for", () =>
    Effect.gen(function* () {
      yield* script(Faults.hang("before", { method: "GET" }))
      const waiting = ImageGeneration.generate(small(), { deadline: "45 seconds" })
      const { took, value } = yield* runToEnd(timed(Effect.flip(waiting)), "1 second")
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, 105_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("that is infinite never comes", () =>
    Effect.gen(function* () {
      const waiting = ImageGeneration.generate(small(), { deadline: Infinity, impossibleAfter: Infinity })
      assert.lengthOf(yield* runToEnd(waiting), 1)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "145 seconds", startsAfter: "18 minutes" } } })))
  )

  it.effect("keeps the pictures that are there", () =>
    Effect.gen(function* () {
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      const { took, value } = yield* runToEnd(timed(Effect.flip(waiting)))
      assert(value._tag === "JobTimedOut")
      assert.lengthOf(value.partial, 1)
      assert.strictEqual(took, 45_000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "30 seconds" } } })))
  )

  it.effect("is a success where the cancel brings the results that no poll could", () =>
    Effect.gen(function* () {
      for (const path of ["/v2/generate/check/:id", "/v2/generate/status/:id"]) {
        yield* script(Faults.hang("before", { method: "GET", path }))
      }
      const waiting = ImageGeneration.generate(small("two", 2), { deadline: "45 seconds" })
      assert.lengthOf(yield* runToEnd(waiting, "1 second"), 2)
      assert.lengthOf(yield* cancels, 1)
    }).pipe(Effect.provide(stack({ server: { worker: { takes: "10 seconds" } } })))
  )

  it.effect("leaves the job alone where its scope goes on, and gives what there is", () =>
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

  it.effect("comes with a ticket that resumes the job", () =>
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

  it.effect("counts from the submit, not from when somebody begins to wait", () =>
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

/** Keeps the server's forgetting of the job out of sight. */
const stillWaiting = Faults.respondAfter(
  {
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ finished: 0, processing: 0, waiting: 1, done: false, wait_time: 30 })
  },
  { path: "/v2/generate/check/:id" }
)

/** When each check was asked for, as the pauses between them. */
const pauses = Effect.map(checks, (all) => all.slice(1).map(({ at }, index) => at - (all[index]?.at ?? 0)))

describe("polls that fail", () => {
  const broken = (response: Faults.Response, times?: number) =>
    script(Faults.respond(response, { path: "/v2/generate/check/:id", ...(times === undefined ? {} : { times }) }))

  const troubles: Readonly<Record<string, Faults.Response>> = {
    "500": { status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' },
    "a 500 page": { status: 500, body: "<title>500</title>" },
    "a 522 page": { status: 522, body: "<title>522</title>" },
    "a 403 page": { status: 403, body: "<title>Just a moment...</title>" },
    "a 400 page": { status: 400, body: "<title>400</title>" },
    "a 404 page": { status: 404, body: "<title>404</title>" },
    "a 200 page": { status: 200, body: "<title>Welcome</title>" },
    "an empty 200": { status: 200, body: "" },
    "a redirect": { status: 302, headers: { location: "https://login.example/" }, body: "" },
    "a 429 page": { status: 429, body: "<title>429</title>" }
  }

  for (const [name, response] of Object.entries(troubles)) {
    it.effect(`${name}, for two minutes: the job goes on`, () =>
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

  it.effect("become rarer, to every thirty seconds, until the deadline", () =>
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

  it.effect("are said in the log once, with what the last one said", () =>
    Effect.gen(function* () {
      yield* broken({ status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' }, 30)
      const { lines } = yield* logged(runToEnd(ImageGeneration.generate(small())))
      assert.lengthOf(
        lines.filter((line) => line.includes("polls of a job keep failing") && line.includes("ServerError")),
        1
      )
    }).pipe(Effect.provide(stack()))
  )

  it.effect("are made no sooner than a Retry-After says", () =>
    Effect.gen(function* () {
      yield* broken({ status: 500, body: "<title>500</title>", headers: { "retry-after": "150" } }, 1)
      yield* runToEnd(ImageGeneration.generate(small()))
      assert.isAtLeast(Math.max(...(yield* pauses)), 150_000)
    }).pipe(Effect.provide(stack()))
  )

  it.effect("for replies that cannot be decoded end the wait after two minutes", () =>
    Effect.gen(function* () {
      yield* broken({ status: 200, contentType: "application/json", body: '{"done":true}' })
      const { took, value } = yield* runToEnd(timed(Effect.flip(ImageGeneration.generate(small()))), "1 second")
      assert.strictEqual(value._tag, "UnexpectedResponse")
      assert.isAtLeast(took, 120_000)
      assert.isAtMost(took, 160_000)
    }).pipe(idle)
  )

  it.effect("with a refusal that says no for good end the wait at once", () =>
    Effect.gen(function* () {
      yield* broken({ status: 403, contentType: "application/json", body: '{"message":"no","rc":"NotModerator"}' })
      const error = yield* runToEnd(Effect.flip(ImageGeneration.generate(small())))
      assert.strictEqual(error._tag, "Forbidden")
      assert.lengthOf(yield* checks, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
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
      const { took, value } = yield* runToEnd(Effect.scoped(program))
      assert.strictEqual(value._tag, "JobTimedOut")
      assert.strictEqual(took, minutes(2))
    }).pipe(idle)
  )
})
