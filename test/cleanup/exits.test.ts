/** Every way to end a program cancels each unfinished job once, and never a finished one. */
import type { HttpClient } from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Cause, Effect, Fiber, Option, Stream } from "effect"
import type { Download } from "effect-horde/Download"
import type * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import type { JobWatcher } from "effect-horde/JobWatcher"
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

const slow = Effect.provide(stack({ server: { worker: { takes: "20 seconds" } } }))

const rawUntilOver = (id: Job.GenerationRequestId) =>
  Effect.gen(function* () {
    const status = yield* ImageGeneration.Status
    let reply = yield* status({ params: { id } })
    while (!Job.isOver(reply)) {
      yield* Effect.sleep("7 seconds")
      reply = yield* status({ params: { id } })
    }
    return reply
  })

type Run = (meanwhile: Effect.Effect<unknown, string>) => Effect.Effect<unknown, unknown, Horde.Services | HttpClient>

/** The ways to run a job; `meanwhile` runs while the job is in progress. */
const forms: { readonly [name: string]: Run } = {
  "raw calls": (meanwhile) =>
    Effect.scoped(
      Effect.flatMap(rawSubmit(), ({ id }) => Effect.zipRight(Effect.delay(meanwhile, "1 second"), rawUntilOver(id)))
    ),
  submit: (meanwhile) =>
    Effect.scoped(
      Effect.flatMap(ImageGeneration.submit(small()), (job) =>
        Effect.zipRight(Effect.delay(meanwhile, "1 second"), job.result)
      )
    ),
  generate: (meanwhile) =>
    Effect.all([ImageGeneration.generate(small()), Effect.delay(meanwhile, "3 seconds")], { concurrency: "unbounded" }),
  progress: (meanwhile) =>
    Stream.runForEach(ImageGeneration.progress(small()), (event) =>
      event._tag === "Checked" && !event.check.done ? meanwhile : Effect.void
    ),
  resume: (meanwhile) =>
    Effect.gen(function* () {
      const elsewhere = Effect.flatMap(ImageGeneration.submit(small()), (job) => job.detach)
      const ticket = yield* Effect.scoped(elsewhere).pipe(Effect.provide(anotherClient))
      const job = yield* ImageGeneration.resume(ticket)
      yield* Effect.delay(meanwhile, "1 second")
      return yield* job.result
    }).pipe(Effect.scoped)
}

/** The ways to end early. */
const endings: ReadonlyArray<readonly [string, Effect.Effect<unknown, string>, RegExp]> = [
  ["a failure", Effect.fail("boom"), /boom/],
  ["an interruption from within", Effect.interrupt, /interrupt/],
  ["a defect", Effect.die(new Error("a bug")), /a bug/]
]

/** The ways to be ended from outside, three seconds after the start. */
const terminations = {
  "a time-out": <A, E, R>(run: Effect.Effect<A, E, R>) => Effect.timeout(run, "3 seconds"),
  "an interruption": <A, E, R>(run: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(run)
      yield* Effect.sleep("3 seconds")
      return yield* Effect.flatten(Fiber.interrupt(fiber))
    }),
  "a lost race": <A, E, R>(run: Effect.Effect<A, E, R>) =>
    Effect.raceFirst(run, Effect.fail("lost").pipe(Effect.delay("3 seconds")))
}

for (const [name, form] of Object.entries(forms)) {
  describe(`ends of ${name}`, () => {
    it.effect(`${name}: normal completion sends no cancel`, () =>
      Effect.gen(function* () {
        yield* runToEnd(form(Effect.void))
        assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
        assert.lengthOf(yield* cancels, 0)
      }).pipe(slow)
    )

    for (const [ending, meanwhile, sign] of endings) {
      it.effect(`${name}: ${ending} sends one cancel`, () =>
        Effect.gen(function* () {
          const cause = yield* runToEnd(Effect.flip(Effect.sandbox(form(meanwhile))))
          assert.match(Cause.pretty(cause), sign)
          assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
          assert.lengthOf(yield* cancels, 1)
        }).pipe(slow)
      )
    }

    for (const [ending, end] of Object.entries(terminations)) {
      it.effect(`${name}: ${ending} sends one cancel`, () =>
        Effect.gen(function* () {
          const exit = yield* runToEnd(Effect.exit(end(form(Effect.void))))
          assert.strictEqual(exit._tag, "Failure")
          assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
          assert.lengthOf(yield* cancels, 1)
        }).pipe(slow)
      )
    }
  })
}

describe("interrupted streams", () => {
  const events = ImageGeneration.progress(small())

  it.effect("a stream that is interrupted right after the submit cancels its job", () =>
    Effect.gen(function* () {
      const seen = yield* runToEnd(Stream.runCollect(Stream.take(events, 1)))
      assert.deepStrictEqual(
        Array.from(seen, (event) => event._tag),
        ["Submitted"]
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )

  it.effect("a stream that is interrupted while its job runs cancels the job", () =>
    Effect.gen(function* () {
      const seen = yield* runToEnd(Stream.runLast(Stream.takeUntil(events, (event) => event._tag === "Checked")))
      assert.strictEqual(Option.getOrThrow(seen)._tag, "Checked")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )

  it.effect("leaving the loop of an async iterator cancels the job", () =>
    Effect.gen(function* () {
      const runtime = yield* Effect.runtime<
        ImageGeneration.Submit | ImageGeneration.Check | ImageGeneration.Status | Download | JobWatcher
      >()
      const leave = Effect.promise(async () => {
        for await (const event of Stream.toAsyncIterableRuntime(events, runtime)) {
          if (event._tag === "Checked") return event.check.finished
        }
        return undefined
      })
      assert.strictEqual(yield* runToEnd(leave, "1 second"), 0)
      yield* runToEnd(Effect.sleep("1 second"))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(slow)
  )
})

describe("several jobs", () => {
  it.effect("the jobs of one scope are cancelled concurrently", () =>
    Effect.gen(function* () {
      const { took } = yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            for (const prompt of ["one", "two", "three"]) yield* ImageGeneration.submit(small(prompt))
            yield* script(Faults.latency("2 seconds", { method: "DELETE" }))
            return yield* Effect.addFinalizer(() => Effect.void)
          })
        ).pipe(timed)
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1", "cancelled 1"])
      // the server trusts this account, so that the third submit is not delayed
      assert.strictEqual(took, 2000)
      assert.lengthOf(new Set((yield* cancels).map(({ at }) => at)), 1)
    }).pipe(slow)
  )

  it.effect("closing a scope cancels its unfinished jobs and not its finished ones", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const first = yield* ImageGeneration.submit(small("first"))
            yield* ImageGeneration.submit(small("second"))
            yield* first.result
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
    }).pipe(slow)
  )

  it.effect("a job is cancelled when the scope closes in which it was started", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const outer = yield* ImageGeneration.submit(small("outer"))
            yield* Effect.scoped(ImageGeneration.submit(small("inner")))
            assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "cancelled 1"])
            yield* outer.result
          })
        )
      )
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "cancelled 1"])
      assert.lengthOf(yield* submits, 2)
    }).pipe(slow)
  )
})

describe("jobs with missing pictures", () => {
  it.effect("a job that ended with a missing picture is not cancelled", () =>
    Effect.gen(function* () {
      yield* script(Faults.failAttempts(2))
      const exit = yield* runToEnd(Effect.exit(ImageGeneration.generate(small())))
      assert.match(String(exit), /JobFaulted/)
      assert.deepStrictEqual(yield* jobOutcomes, ["short 0"])
      assert.lengthOf(yield* cancels, 0)
      assert.strictEqual((yield* jobs)[0]?.restarted, 2)
    }).pipe(slow)
  )
})
