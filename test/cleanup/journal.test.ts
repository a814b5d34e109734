/** What stands in the journal at which moment of a job's life. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { Effect, Exit, Fiber, Layer, Redacted, Scope, TestClock } from "effect"
import * as Endpoint from "effect-horde/Endpoint"
import * as FollowUp from "effect-horde/FollowUp"
import * as Horde from "effect-horde/Horde"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { JobJournal, makeMemory, type Service } from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "../support/disk.js"
import * as Programs from "../support/programs.js"
import { baseUrl } from "../support/stack.js"
import { cancels, jobOutcomes, jobs, runToEnd, script, small, submits, timed } from "../support/virtualTime.js"

const idle = Effect.provide(HordeServer.layerClient({ seed: 1, worker: { takesJobs: false } }))
const working = Effect.provide(HordeServer.layerClient({ seed: 1 }))

const submit = ImageGeneration.submit(small())

/** A program, a disk for it, and how the journal of the program stands. */
const world = (options?: Programs.Options) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const program = yield* Programs.start(disk, options)
    return { disk, program, states: program.run(Programs.states) }
  })

describe("a submit", () => {
  it.scoped("is in the journal before it is on the wire", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      program.disk.stall()
      const fiber = yield* Effect.fork(Effect.scoped(Effect.zipRight(program.run(submit), Effect.never)))
      yield* TestClock.adjust("20 seconds")
      assert.lengthOf(yield* submits, 0)
      program.disk.resume()
      yield* script(Faults.hang("before", { method: "POST" }))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* submits, 1)
      assert.deepStrictEqual(yield* states, ["intent"])
      yield* Fiber.interrupt(fiber)
    }).pipe(idle)
  )

  it.scoped("is not sent where it cannot be written down", () =>
    Effect.gen(function* () {
      const { disk, program } = yield* world()
      disk.setRoom(10)
      const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))))
      assert(error._tag === "JournalFailed")
      assert.strictEqual(error.reason, "Unavailable")
      assert.lengthOf(yield* submits, 0)
      // and the account's room for waiting jobs is not held for it
      disk.setRoom(Number.POSITIVE_INFINITY)
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("is in the journal under its id before its caller knows it", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* script(Faults.latency("1 second", { method: "POST" }))
      let isKnown = false
      const caller = Effect.tap(program.run(submit), () => {
        isKnown = true
      })
      const fiber = yield* Effect.forkDaemon(Effect.scoped(Effect.zipRight(caller, states)))
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(yield* states, ["intent"])
      program.disk.stall()
      yield* TestClock.adjust("10 seconds")
      assert.lengthOf(yield* jobs, 1)
      assert.isFalse(isKnown)
      program.disk.resume()
      assert.deepStrictEqual(yield* runToEnd(Fiber.join(fiber)), ["live"])
    }).pipe(idle)
  )

  it.scoped("that waits for its turn is not in the journal yet", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      // two submits a second: the third one waits
      const three = Effect.forEach([1, 2, 3], () => submit, { concurrency: "unbounded" })
      const fiber = yield* Effect.forkDaemon(Effect.scoped(Effect.zipRight(program.run(three), Effect.never)))
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(yield* states, ["live", "live"])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* states, ["live", "live", "live"])
      yield* Fiber.interrupt(fiber)
    }).pipe(idle)
  )

  it.scoped("that is dropped before its turn leaves nothing there", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      const three = Effect.forEach([1, 2, 3], () => submit, { concurrency: "unbounded" })
      const fiber = yield* Effect.fork(Effect.scoped(program.run(three)))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* states, ["cancelled", "cancelled"])
    }).pipe(idle)
  )

  it.scoped("that is dropped while it is being written down is not sent", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      program.disk.stall()
      const fiber = yield* Effect.fork(Effect.scoped(program.run(submit)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      program.disk.resume()
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(yield* submits, 0)
      assert.deepStrictEqual(yield* states, ["cancelled"])
    }).pipe(idle)
  )

  const page = (status: number) => ({ status, contentType: "application/json", body: '{"message":"no"}' })
  const refusals: ReadonlyArray<readonly [string, Faults.Rule]> = [
    ["a 400", Faults.respond(page(400), { method: "POST" })],
    ["a 403", Faults.respond(page(403), { method: "POST" })],
    ["a limiter's 429, again and again", Faults.respond(page(429), { method: "POST" })],
    ["the server's own 503", Faults.respond(page(503), { method: "POST" })],
    ["a refused connection", Faults.refuse({ method: "POST" })]
  ]
  for (const [title, rule] of refusals) {
    it.scoped(`that came to nothing is closed there: ${title}`, () =>
      Effect.gen(function* () {
        const { program, states } = yield* world()
        yield* script(rule)
        const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))))
        assert.notStrictEqual(error._tag, "OutcomeUnknown")
        assert.deepStrictEqual(yield* states, ["cancelled"])
      }).pipe(idle)
    )
  }

  it.scoped("that is sent again is one entry", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* script(
        Faults.respond(
          { status: 429, body: '{"message":"2 per 1 second"}', headers: { "retry-after": "3" } },
          { method: "POST", times: 2 }
        )
      )
      const during = yield* runToEnd(Effect.scoped(Effect.zipRight(program.run(submit), states)))
      assert.lengthOf(yield* submits, 3)
      assert.deepStrictEqual(during, ["live"])
    }).pipe(idle)
  )

  it.scoped("whose answer is lost stays an intent, whatever becomes of its scope and its program", () =>
    Effect.gen(function* () {
      const { disk, program, states } = yield* world()
      yield* script(Faults.reset("after", { method: "POST" }))
      const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))))
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.deepStrictEqual(yield* states, ["intent"])
      yield* program.leave
      const next = yield* Programs.start(disk)
      assert.deepStrictEqual(yield* next.run(Programs.states), ["intent"])
    }).pipe(idle)
  )

  it.scoped("under the rules of shapes alone is written down, however strange it is", () =>
    Effect.gen(function* () {
      const { program } = yield* world()
      const strange = ImageGeneration.submit({ prompt: "a bay", params: { n: 1.5 } })
      const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(Endpoint.lenient(strange)))))
      assert.strictEqual(error._tag, "BadRequest")
    }).pipe(idle)
  )
})

describe("a job", () => {
  it.scoped("is finished once its results are there, and delivered when its scope closes", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      const after = yield* runToEnd(
        Effect.scoped(
          Effect.zipRight(
            Effect.flatMap(program.run(submit), ({ result }) => result),
            states
          )
        )
      )
      assert.deepStrictEqual(after, ["finished"])
      assert.deepStrictEqual(yield* states, ["delivered"])
    }).pipe(working)
  )

  it.scoped("is cancelled there when its scope closes before it is over", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* states, ["cancelled"])
    }).pipe(idle)
  )

  it.scoped("that the server does not know any more is closed there", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* script(Faults.vanish())
      const after = runToEnd(
        Effect.scoped(
          Effect.flatMap(program.run(submit), ({ result }) =>
            Effect.zipRight(Effect.delay(Effect.flip(result), "10 seconds"), states)
          )
        )
      )
      assert.deepStrictEqual(yield* after, ["cancelled"])
    }).pipe(working)
  )

  it.scoped("that is handed over is delivered, and another program finds nothing to do about it", () =>
    Effect.gen(function* () {
      const { disk, program, states } = yield* world()
      yield* runToEnd(Effect.scoped(Effect.flatMap(program.run(submit), ({ detach }) => detach)))
      assert.deepStrictEqual(yield* states, ["delivered"])
      yield* program.kill
      const next = yield* Programs.start(disk)
      const { cancelled } = yield* runToEnd(
        Effect.scoped(next.run(Recovery.recover({ kinds: Horde.kinds, policy: "cancel" })))
      )
      assert.deepStrictEqual(cancelled, [])
      assert.lengthOf(yield* cancels, 0)
    }).pipe(idle)
  )

  it.scoped("whose cancel fails stays there as live", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* script(Faults.reset("before", { method: "DELETE" }))
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* states, ["live"])
      yield* runToEnd(program.leave)
    }).pipe(idle)
  )

  it.scoped("that the journal has no room for is cancelled all the same", () =>
    Effect.gen(function* () {
      const { disk, program } = yield* world()
      const ticket = yield* runToEnd(Effect.scoped(Effect.flatMap(program.run(submit), ({ detach }) => detach)))
      yield* program.leave
      const next = yield* Programs.start(disk)
      disk.setRoom(0)
      yield* runToEnd(Effect.scoped(next.run(ImageGeneration.resume(ticket))))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("of a ticket is there as long as it is open here", () =>
    Effect.gen(function* () {
      const { disk, program } = yield* world()
      const ticket = yield* runToEnd(Effect.scoped(Effect.flatMap(program.run(submit), ({ detach }) => detach)))
      yield* program.leave
      const next = yield* Programs.start(disk)
      const resumed = Effect.zipRight(next.run(ImageGeneration.resume(ticket)), next.run(Programs.states))
      assert.deepStrictEqual((yield* runToEnd(Effect.scoped(resumed))).slice().sort(), ["delivered", "live"])
      assert.deepStrictEqual((yield* next.run(Programs.states)).slice().sort(), ["cancelled", "delivered"])
    }).pipe(idle)
  )
})

describe("a job whose results are to be kept", () => {
  const kept = (program: Programs.Program) =>
    Effect.gen(function* () {
      const job = yield* program.run(submit)
      const id = Programs.idOf(job.ticket) ?? ""
      const followUp = yield* program.run(FollowUp.FollowUp)
      yield* followUp.keep("image", id)
      return { ...job, delivered: followUp.delivered("image", id) }
    })

  it.scoped("stays finished when its scope closes before they are in safe hands", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(Effect.flatMap(kept(program), ({ result }) => result)))
      assert.deepStrictEqual(yield* states, ["finished"])
      yield* program.leave
      assert.lengthOf(yield* cancels, 0)
    }).pipe(working)
  )

  it.scoped("is delivered when they are, and not before", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      const scope = yield* Scope.make()
      const job = yield* runToEnd(Scope.extend(kept(program), scope))
      yield* job.delivered
      assert.deepStrictEqual(yield* states, ["live"])
      yield* runToEnd(job.result)
      assert.deepStrictEqual(yield* states, ["finished"])
      yield* job.delivered
      assert.deepStrictEqual(yield* states, ["delivered"])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* states, ["delivered"])
    }).pipe(working)
  )

  it.scoped("is cancelled all the same when its scope closes before it is over", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(kept(program)))
      assert.deepStrictEqual(yield* states, ["cancelled"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("jobs that run for longer than a server remembers them", () => {
  /** A journal that is slow to write down the first end of a job. */
  const journal = Effect.map(makeMemory, (journal): Service => {
    let isFirst = true
    const write: Service["write"] = (entry) => {
      const isSlow = isFirst && entry.state === "finished"
      if (isSlow) isFirst = false
      return isSlow ? Effect.delay(journal.write(entry), "1500 millis") : journal.write(entry)
    }
    return { ...journal, write }
  })
  const slow = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(
    Layer.provide(Layer.effect(JobJournal, journal))
  )

  it.effect("are not taken for forgotten while their end is being written down, and are once they are", () =>
    Effect.gen(function* () {
      const followUp = yield* FollowUp.FollowUp
      const over = (job: ImageGeneration.ImageJob) => followUp.settle("image", Programs.idOf(job.ticket) ?? "", "over")
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const [one, two] = [yield* submit, yield* submit]
            yield* Effect.sleep("40 minutes")
            yield* Effect.all([over(one), Effect.delay(over(two), "1 second")], { concurrency: 2 })
            assert.deepStrictEqual(yield* Programs.states, ["finished", "finished"])
            yield* Effect.sleep("40 minutes")
            yield* over(yield* submit)
            assert.sameMembers([...(yield* Programs.states)], ["finished", "delivered", "delivered"])
          })
        ),
        "10 minutes"
      )
    }).pipe(Effect.provide(slow), idle)
  )
})

describe("a journal that does not answer any more", () => {
  const journal = Effect.map(
    makeMemory,
    (journal): Service => ({
      ...journal,
      write: (entry) => (entry.state === "intent" || entry.state === "live" ? journal.write(entry) : Effect.never)
    })
  )
  const hanging = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(Accounts.plainKey) }).pipe(
    Layer.provide(Layer.effect(JobJournal, journal))
  )

  it.effect("holds up the end of a scope for two seconds, and no cancel", () =>
    Effect.gen(function* () {
      const { took } = yield* runToEnd(timed(Effect.scoped(submit)), "1 second")
      assert.strictEqual(took, 2000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(hanging), idle)
  )
})

describe("whose job it is", () => {
  const kindUnder = (apiKey: string) =>
    Effect.gen(function* () {
      const { program } = yield* world()
      yield* script(Faults.hang("before", { method: "POST" }))
      yield* Effect.fork(Effect.scoped(program.run(HordeClient.withApiKey(Redacted.make(apiKey))(submit))))
      yield* TestClock.adjust("1 second")
      const [entry] = yield* program.run(Effect.flatMap(JobJournal, ({ entries }) => entries))
      return entry?.account.kind
    })

  it.scoped("is told by the key of the call", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* kindUnder(Accounts.anonymousKey), "anonymous")
      assert.strictEqual(yield* kindUnder(Accounts.ownerKey), "personal")
      assert.strictEqual(yield* kindUnder(crypto.randomUUID()), "shared")
    }).pipe(idle)
  )
})
