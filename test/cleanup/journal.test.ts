/** The state of a journal entry at each step of a job's life. */
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

/** A program, its disk, and the states in its journal. */
const world = (options?: Programs.Options) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const program = yield* Programs.start(disk, options)
    return { disk, program, states: program.run(Programs.states) }
  })

describe("journal entries of submits", () => {
  it.scoped("a submit is in the journal before it is sent", () =>
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

  it.scoped("a submit that cannot be written to the journal is not sent", () =>
    Effect.gen(function* () {
      const { disk, program } = yield* world()
      disk.setRoom(10)
      const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))))
      assert(error._tag === "JournalFailed")
      assert.strictEqual(error.reason, "Unavailable")
      assert.lengthOf(yield* submits, 0)
      // and it does not occupy the account's quota of jobs
      disk.setRoom(Number.POSITIVE_INFINITY)
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )

  it.scoped("the journal has the job's id before the caller gets it", () =>
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

  it.scoped("a submit that waits for the rate limit is not in the journal yet", () =>
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

  it.scoped("a submit that is interrupted while it waits for the rate limit leaves nothing in the journal", () =>
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

  it.scoped("a submit that is interrupted while its entry is written is not sent", () =>
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
    ["the limiter's 429 at every attempt", Faults.respond(page(429), { method: "POST" })],
    ["the server's own 503", Faults.respond(page(503), { method: "POST" })],
    ["a refused connection", Faults.refuse({ method: "POST" })]
  ]
  for (const [title, rule] of refusals) {
    it.scoped(`the entry of a failed submit is closed: ${title}`, () =>
      Effect.gen(function* () {
        const { program, states } = yield* world()
        yield* script(rule)
        const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(submit))))
        assert.notStrictEqual(error._tag, "OutcomeUnknown")
        assert.deepStrictEqual(yield* states, ["cancelled"])
      }).pipe(idle)
    )
  }

  it.scoped("a submit with several attempts has one journal entry", () =>
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

  it.scoped("the entry of a submit without a reply stays an intent after its scope and its program end", () =>
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

  it.scoped("a lenient submit is written to the journal, however odd its values", () =>
    Effect.gen(function* () {
      const { program } = yield* world()
      const strange = ImageGeneration.submit({ prompt: "a bay", params: { n: 1.5 } })
      const error = yield* runToEnd(Effect.flip(Effect.scoped(program.run(Endpoint.lenient(strange)))))
      assert.strictEqual(error._tag, "BadRequest")
    }).pipe(idle)
  )
})

describe("journal entries of jobs", () => {
  it.scoped("an entry is finished once the results are there, and delivered when the scope closes", () =>
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

  it.scoped("an entry is cancelled when the scope closes before the job is over", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* states, ["cancelled"])
    }).pipe(idle)
  )

  it.scoped("the entry of a job that the server has forgotten is closed", () =>
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

  it.scoped("the entry of a detached job is delivered, and another program finds nothing to recover", () =>
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

  it.scoped("the entry of a job whose cancel failed stays live", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* script(Faults.reset("before", { method: "DELETE" }))
      yield* runToEnd(Effect.scoped(program.run(submit)))
      assert.deepStrictEqual(yield* states, ["live"])
      yield* runToEnd(program.leave)
    }).pipe(idle)
  )

  it.scoped("a job that cannot be written to a full journal is cancelled all the same", () =>
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

  it.scoped("a resumed job has a journal entry as long as its scope is open", () =>
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

describe("journal entries of jobs whose results are saved", () => {
  const kept = (program: Programs.Program) =>
    Effect.gen(function* () {
      const job = yield* program.run(submit)
      const id = Programs.idOf(job.ticket) ?? ""
      const followUp = yield* program.run(FollowUp.FollowUp)
      yield* followUp.keep("image", id)
      return { ...job, delivered: followUp.delivered("image", id) }
    })

  it.scoped("an entry stays finished if the scope closes before the results are saved", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(Effect.flatMap(kept(program), ({ result }) => result)))
      assert.deepStrictEqual(yield* states, ["finished"])
      yield* program.leave
      assert.lengthOf(yield* cancels, 0)
    }).pipe(working)
  )

  it.scoped("an entry is delivered once its results are saved, and not before", () =>
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

  it.scoped("a job whose results are saved is cancelled if its scope closes before it is over", () =>
    Effect.gen(function* () {
      const { program, states } = yield* world()
      yield* runToEnd(Effect.scoped(kept(program)))
      assert.deepStrictEqual(yield* states, ["cancelled"])
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(idle)
  )
})

describe("jobs that outlive the server's memory", () => {
  /** A journal whose first write of an end is slow. */
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

  it.effect("a job is not treated as forgotten while its end is being written, and is afterwards", () =>
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

describe("a journal that does not reply", () => {
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

  it.effect("a journal that does not reply delays the end of a scope by two seconds, and no cancel", () =>
    Effect.gen(function* () {
      const { took } = yield* runToEnd(timed(Effect.scoped(submit)), "1 second")
      assert.strictEqual(took, 2000)
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(Effect.provide(hanging), idle)
  )
})

describe("the account of an entry", () => {
  const kindUnder = (apiKey: string) =>
    Effect.gen(function* () {
      const { program } = yield* world()
      yield* script(Faults.hang("before", { method: "POST" }))
      yield* Effect.fork(Effect.scoped(program.run(HordeClient.withApiKey(Redacted.make(apiKey))(submit))))
      yield* TestClock.adjust("1 second")
      const [entry] = yield* program.run(Effect.flatMap(JobJournal, ({ entries }) => entries))
      return entry?.account.kind
    })

  it.scoped("the account of an entry is that of the call's key", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* kindUnder(Accounts.anonymousKey), "anonymous")
      assert.strictEqual(yield* kindUnder(Accounts.ownerKey), "personal")
      assert.strictEqual(yield* kindUnder(crypto.randomUUID()), "shared")
    }).pipe(idle)
  )
})
