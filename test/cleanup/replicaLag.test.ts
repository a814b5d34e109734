/** Replicas of the server may not know a job in its first ten seconds: a RequestNotFound in that time has no effect. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import { Clock, Effect, Layer } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import type * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "../support/disk.js"
import { withDriftingClock } from "../support/driftingClock.js"
import * as Programs from "../support/programs.js"
import { endpoints } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import {
  anotherClient,
  cancels,
  clearFaults,
  jobOutcomes,
  logged,
  rawSubmit,
  runToEnd,
  script,
  small,
  timed
} from "../support/virtualTime.js"

const idle = Effect.provide(stack({ server: { worker: { takesJobs: false } } }))
const horde = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))

/** Replies `times` times like a replica that does not know the job yet. */
const unknown = (method: "GET" | "DELETE", times: number) =>
  Faults.respond(
    {
      status: 404,
      contentType: "application/json",
      body: JSON.stringify({ message: "Request Not Found", rc: "RequestNotFound" })
    },
    { method, times }
  )

const submit = ImageGeneration.submit(small())

const unfinished = Effect.flatMap(FollowUp.FollowUp, (followUp) =>
  Effect.map(followUp.unfinished, (jobs) => jobs.length)
)

describe("a cancel that a replica answers with RequestNotFound", () => {
  it.effect("a cancel at the close of a scope is repeated after RequestNotFound", () =>
    Effect.gen(function* () {
      yield* script(unknown("DELETE", 2))
      const { lines } = yield* runToEnd(logged(Effect.scoped(submit)), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 3)
      assert.deepStrictEqual(lines, [])
    }).pipe(idle)
  )

  it.effect("job.cancel is repeated after RequestNotFound", () =>
    Effect.gen(function* () {
      yield* script(unknown("DELETE", 2))
      const cancelled = Effect.scoped(Effect.flatMap(submit, ({ cancel }) => cancel))
      assert.deepStrictEqual(yield* runToEnd(cancelled, "1 second"), [])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 3)
    }).pipe(idle)
  )

  it.effect("the Cancel endpoint is repeated after RequestNotFound", () =>
    Effect.gen(function* () {
      yield* script(unknown("DELETE", 2))
      const call = rawSubmit()
      yield* runToEnd(Effect.scoped(Effect.flatMap(call, ({ id }) => ImageGeneration.cancel(id))), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 3)
    }).pipe(idle)
  )

  it.effect("the cancel of a detached and resumed job is repeated after RequestNotFound", () =>
    Effect.gen(function* () {
      const ticket = yield* runToEnd(Effect.scoped(Effect.flatMap(submit, ({ detach }) => detach)), "1 second")
      yield* script(unknown("DELETE", 1))
      yield* runToEnd(Effect.scoped(ImageGeneration.resume(ticket)).pipe(Effect.provide(anotherClient)), "1 second")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.effect("RequestNotFound is final ten seconds after the submit, whatever the wall clock says", () =>
    withDriftingClock((shiftWallClock) =>
      Effect.gen(function* () {
        const cancelled = Effect.gen(function* () {
          const job = yield* submit
          const accepted = yield* Clock.currentTimeNanos
          yield* shiftWallClock(-3_600_000)
          yield* script(unknown("DELETE", 100))
          assert.strictEqual((yield* Effect.flip(job.cancel))._tag, "JobExpired")
          assert.strictEqual((yield* Clock.currentTimeNanos) - accepted, 10_000_000_000n)
          assert.strictEqual(yield* unfinished, 0)
        })
        yield* runToEnd(Effect.scoped(cancelled), "1 second")
        assert.lengthOf(yield* cancels, 6)
      }).pipe(
        Effect.provide(
          Layer.provideMerge(endpoints(), HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))
        )
      )
    )
  )

  it.effect("RequestNotFound is final at once for an older job", () =>
    Effect.gen(function* () {
      const later = Effect.gen(function* () {
        const job = yield* submit
        yield* Effect.sleep("10 seconds")
        yield* script(unknown("DELETE", 1))
        assert.strictEqual((yield* Effect.flip(job.cancel))._tag, "JobExpired")
      })
      yield* runToEnd(Effect.scoped(later), "1 second")
      assert.lengthOf(yield* cancels, 1)
    }).pipe(idle)
  )

  it.scoped("a job stays in the journal for a recovery if its program ends within the ten seconds", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      yield* script(unknown("DELETE", 100))
      const ends = Effect.zipRight(Effect.scoped(program.run(submit)), program.leave)
      const { lines, value } = yield* runToEnd(logged(timed(ends)), "1 second")
      assert.isAtMost(value.took, 5000)
      assert.match(lines.join("\n"), /WARN cancel failed; the job may still be running/)
      yield* clearFaults
      const next = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* next.run(Programs.states), ["live"])
      const { cancelled } = yield* runToEnd(
        Effect.scoped(next.run(Recovery.recover({ kinds: [ImageGeneration.kind], policy: "cancel" }))),
        "1 second"
      )
      assert.lengthOf(cancelled, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(horde)
  )
})

describe("a poll that a replica answers with RequestNotFound", () => {
  const asks: Readonly<
    Record<
      string,
      (
        id: Job.GenerationRequestId
      ) => Effect.Effect<unknown, HordeError.CallError, ImageGeneration.Check | ImageGeneration.Status>
    >
  > = { check: ImageGeneration.check, status: ImageGeneration.status }
  for (const [name, ask] of Object.entries(asks)) {
    it.effect(`RequestNotFound does not settle a young job: ${name}`, () =>
      Effect.gen(function* () {
        const asked = Effect.gen(function* () {
          const { id } = yield* rawSubmit()
          yield* script(unknown("GET", 1))
          assert.strictEqual((yield* Effect.flip(ask(id)))._tag, "NotFound")
          assert.strictEqual(yield* unfinished, 1)
        })
        yield* runToEnd(Effect.scoped(asked), "1 second")
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      }).pipe(idle)
    )
  }
})
