/** A job that is detached by one program and resumed by another, with nothing but its encoded ticket. */
import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import { Effect, Either, Redacted, Scope } from "effect"
import * as FollowUp from "effect-horde/FollowUp"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import * as Tickets from "effect-horde/Job"
import { stack } from "../support/stack.js"
import { anotherClient, cancels, jobOutcomes, jobs, runToEnd, small } from "../support/virtualTime.js"

const horde = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takes: "10 seconds" } }))
const here = Effect.provide(stack({ server: { worker: { takes: "10 seconds" } } }))

/** Submits with a client of its own, which is closed afterwards; only the encoded ticket remains. */
const elsewhere = Effect.gen(function* () {
  const job = yield* ImageGeneration.submit(small("a quiet bay", 2))
  return Tickets.encodeTicket(yield* job.detach)
}).pipe(Effect.scoped, Effect.provide(anotherClient))

const resume = (text: string) => Effect.flatMap(Tickets.decodeTicket(text), (ticket) => ImageGeneration.resume(ticket))

const unfinished = Effect.flatMap(FollowUp.FollowUp, (followUp) => followUp.unfinished)

describe("detached jobs", () => {
  it.effect("a detached job continues after its scope and its layer have closed", () =>
    Effect.gen(function* () {
      yield* runToEnd(elsewhere)
      assert.lengthOf(yield* cancels, 0)
      yield* runToEnd(Effect.sleep("1 minute"))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde)
  )

  it.effect("a detached job can still be polled and cancelled", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const job = yield* ImageGeneration.submit(small("a quiet bay", 2))
        assert.lengthOf(yield* unfinished, 1)
        const ticket = yield* job.detach
        assert.strictEqual(ticket, job.ticket)
        assert.lengthOf(yield* unfinished, 0)
        yield* Effect.sleep("15 seconds")
        return yield* job.cancel
      })
      assert.lengthOf(yield* runToEnd(Effect.scoped(program)), 1)
      assert.lengthOf(yield* cancels, 1)
    }).pipe(here)
  )

  it.effect("a job may be detached twice", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const followUp = yield* FollowUp.FollowUp
        const job = yield* ImageGeneration.submit(small())
        const id = Redacted.value(job.ticket.id)
        assert.isTrue(yield* followUp.detach("image", id))
        assert.isFalse(yield* followUp.detach("image", id))
      })
      yield* runToEnd(Effect.scoped(program))
      assert.lengthOf(yield* cancels, 0)
    }).pipe(here)
  )
})

describe("jobs that another process resumes", () => {
  it.effect("a resumed job returns its results", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(elsewhere)
      const pictures = yield* runToEnd(
        Effect.scoped(Effect.flatMap(resume(text), (job) => job.result)).pipe(Effect.provide(anotherClient))
      )
      assert.lengthOf(pictures, 2)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(horde)
  )

  it.effect("a resumed job is cancelled if its new scope closes too early", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(elsewhere)
      yield* runToEnd(Effect.scoped(resume(text)).pipe(Effect.provide(anotherClient)))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(horde)
  )

  it.effect("a job that finished before its resume returns its results", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(elsewhere)
      yield* runToEnd(Effect.sleep("10 minutes"))
      const pictures = yield* runToEnd(
        Effect.scoped(Effect.flatMap(resume(text), (job) => job.result)).pipe(Effect.provide(anotherClient))
      )
      assert.lengthOf(pictures, 2)
      assert.lengthOf(yield* cancels, 0)
    }).pipe(horde)
  )

  it.effect("resuming a job that the server has forgotten fails with JobExpired", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(elsewhere)
      yield* runToEnd(Effect.sleep("30 minutes"))
      const error = yield* runToEnd(
        Effect.flip(Effect.scoped(Effect.flatMap(resume(text), (job) => job.result))).pipe(
          Effect.provide(anotherClient)
        )
      )
      assert.strictEqual(error._tag, "JobExpired")
      assert.lengthOf(yield* cancels, 0)
    }).pipe(horde)
  )

  it.effect("cancelling a resumed job returns its finished results", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(elsewhere, "1 second")
      yield* runToEnd(Effect.sleep("12 seconds"), "1 second")
      const pictures = yield* runToEnd(
        Effect.scoped(Effect.flatMap(resume(text), (job) => job.cancel)).pipe(Effect.provide(anotherClient))
      )
      assert.lengthOf(pictures, 1)
      assert.lengthOf(yield* cancels, 1)
    }).pipe(horde)
  )
})

describe("jobs that are resumed in the program that tracks them", () => {
  it.effect("a job moves to the scope that resumed it last", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const outer = yield* Effect.scope
        const job = yield* Effect.scoped(
          Effect.gen(function* () {
            const first = yield* ImageGeneration.submit(small())
            return yield* Effect.provideService(ImageGeneration.resume(first.ticket), Scope.Scope, outer)
          })
        )
        assert.lengthOf(yield* cancels, 0)
        assert.lengthOf(yield* unfinished, 1)
        yield* Effect.sleep("1 second")
        assert.strictEqual((yield* jobs)[0]?.state, "processing")
        return job
      })
      yield* runToEnd(Effect.scoped(program))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      assert.lengthOf(yield* cancels, 1)
    }).pipe(here)
  )

  it.effect("a job is cancelled with the inner scope that resumed it", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const first = yield* ImageGeneration.submit(small())
        yield* Effect.scoped(ImageGeneration.resume(first.ticket))
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
      })
      yield* runToEnd(Effect.scoped(program))
      assert.lengthOf(yield* cancels, 1)
    }).pipe(here)
  )
})

describe("tickets", () => {
  it.effect("a ticket prints without the job's id, and its printed form cannot be decoded", () =>
    Effect.gen(function* () {
      const ticket = yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), (job) => job.detach))
      )
      const id = Redacted.value(ticket.id)
      assert.notInclude(String(ticket), id)
      assert.notInclude(JSON.stringify(ticket), id)
      assert.include(Tickets.encodeTicket(ticket), id)
      assert.isTrue(Either.isLeft(Tickets.decodeTicket(JSON.stringify(ticket))))
    }).pipe(here)
  )

  it.effect("a ticket of another kind of job is refused, and nothing is sent", () =>
    Effect.gen(function* () {
      const ticket = yield* runToEnd(
        Effect.scoped(Effect.flatMap(ImageGeneration.submit(small()), (job) => job.detach))
      )
      const text: Job.Ticket = Tickets.Ticket.make({ ...ticket, kind: "text" })
      const error = yield* Effect.flip(Effect.scoped(ImageGeneration.resume(text)))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.lengthOf(yield* cancels, 0)
    }).pipe(here)
  )
})
