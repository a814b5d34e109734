/** The request of a submit belongs to the layer: if its caller is interrupted, an id that still arrives is not lost. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Clock, Effect, Fiber, Layer, TestClock } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { endpoints } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import {
  anotherClient,
  cancels,
  jobOutcomes,
  jobs,
  rawSubmit,
  runToEnd,
  script,
  small,
  submits,
  timed
} from "../support/virtualTime.js"

const idle = { worker: { takesJobs: false } }
const slowPost = script(Faults.latency("500 millis", { method: "POST" }))

const ways = {
  "a raw submit": Effect.scoped(rawSubmit().pipe(Effect.zipRight(Effect.never))),
  submit: Effect.scoped(Effect.zipRight(ImageGeneration.submit(small()), Effect.never)),
  generate: ImageGeneration.generate(small())
}

for (const [name, program] of Object.entries(ways)) {
  describe(`${name}, interrupted 50 ms into a request of 500 ms`, () => {
    it.effect(`${name}: an interruption returns at once, and an id that arrives later is cancelled once`, () =>
      Effect.gen(function* () {
        yield* slowPost
        const started = yield* Clock.currentTimeMillis
        const fiber = yield* Effect.fork(program)
        yield* TestClock.adjust("50 millis")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* Clock.currentTimeMillis) - started, 50)
        assert.lengthOf(yield* jobs, 0)
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
        assert.deepStrictEqual(
          (yield* cancels).map(({ at }) => at - started),
          [500]
        )
      }).pipe(Effect.provide(stack({ server: idle })))
    )

    it.effect(`${name}: an interruption leaves nothing in FollowUp`, () =>
      Effect.gen(function* () {
        const followUp = yield* FollowUp.FollowUp
        yield* slowPost
        const fiber = yield* Effect.fork(program)
        yield* TestClock.adjust("50 millis")
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(yield* followUp.unfinished, [])
      }).pipe(Effect.provide(stack({ server: idle })))
    )
  })
}

describe("submits in open scopes", () => {
  it.effect("a submit with a time-out is cancelled at the time-out, not when its scope closes", () =>
    Effect.gen(function* () {
      yield* slowPost
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const { took } = yield* timed(Effect.exit(Effect.timeout(ImageGeneration.submit(small()), "50 millis")))
            assert.strictEqual(took, 50)
            yield* Effect.sleep("5 seconds")
            assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
          })
        )
      )
      assert.lengthOf(yield* cancels, 1)
    }).pipe(Effect.provide(stack({ server: idle })))
  )
})

describe("submits that wait for the rate limit", () => {
  it.effect("a submit whose caller is interrupted while it waits for the rate limit is never sent", () =>
    Effect.gen(function* () {
      // two submits a second: the third one waits
      const three = Effect.forEach(["1", "2", "3"], (prompt) => ImageGeneration.submit(small(prompt)), {
        concurrency: "unbounded"
      })
      const fiber = yield* Effect.fork(Effect.scoped(three))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(yield* submits, 2)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(Effect.provide(stack({ server: idle })))
  )

  it.effect("a submit whose caller is interrupted between two attempts is not sent again", () =>
    Effect.gen(function* () {
      yield* script(
        Faults.respond(
          { status: 429, body: '{"message":"2 per 1 second"}', headers: { "retry-after": "5" } },
          { method: "POST", times: 1 }
        )
      )
      const fiber = yield* Effect.fork(ImageGeneration.generate(small()))
      yield* TestClock.adjust("2 seconds")
      assert.lengthOf(yield* submits, 1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(yield* submits, 1)
      assert.lengthOf(yield* jobs, 0)
    }).pipe(Effect.provide(stack({ server: idle })))
  )

  it.effect("a submit whose layer closes while it waits for the rate limit is never sent", () =>
    Effect.gen(function* () {
      const { took } = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            yield* ImageGeneration.submit(small("1"))
            yield* ImageGeneration.submit(small("2"))
            yield* Effect.forkScoped(ImageGeneration.submit(small("3")))
            yield* Effect.sleep("10 millis")
          }).pipe(Effect.provide(anotherClient), timed, Effect.tap(Effect.sleep("1 minute")))
        )
      )
      assert.strictEqual(took, 10)
      assert.lengthOf(yield* submits, 2)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1"])
    }).pipe(Effect.provide(HordeServer.layerClient(idle)))
  )
})

describe("interruptions at any step", () => {
  const direct = endpoints().pipe(Layer.provideMerge(HordeServer.layerClient({ seed: 1, ...idle, limits: "raised" })))

  /** Interrupts a program after each number of scheduler steps; few operations run in one step. */
  const sweep = <A, E, R>(program: Effect.Effect<A, E, R>, steps: number, every: number) =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const unsettled = Effect.map(server.jobs, (all) =>
        all.filter(({ cancels, state }) => state !== "cancelled" || cancels !== 1)
      )
      for (let step = 0; step < steps; step += every) {
        yield* server.emptyLimiter
        const fiber = yield* Effect.fork(Effect.withMaxOpsBeforeYield(program, 10 + (step % 7)))
        for (let at = 0; at < step; at++) yield* Effect.yieldNow()
        yield* Fiber.interrupt(fiber)
        let wrong = yield* unsettled
        for (let waits = 0; wrong.length > 0 && waits < 10_000; waits++) {
          yield* Effect.sleep("2 millis")
          wrong = yield* unsettled
        }
        assert.lengthOf(wrong, 0, `a job left, or cancelled twice, by an interruption at step ${step}`)
      }
    })

  it.live("a submit that is interrupted at any step leaves no job", () =>
    Effect.gen(function* () {
      yield* sweep(Effect.scoped(Effect.zipRight(ImageGeneration.submit(small()), Effect.never)), 600, 3)
      // some interruptions come before the POST, the others after it
      assert.isAbove((yield* jobs).length, 50)
      assert.isBelow((yield* jobs).length, 195)
    }).pipe(Effect.provide(direct))
  )

  it.live("an explicit cancel that is interrupted at any step leaves no job and cancels none twice", () =>
    Effect.gen(function* () {
      const program = Effect.scoped(
        Effect.flatMap(ImageGeneration.submit(small()), (job) => Effect.zipRight(job.cancel, Effect.never))
      )
      yield* sweep(program, 900, 4)
      assert.isAbove((yield* jobs).length, 50)
    }).pipe(Effect.provide(direct))
  )
})
