/** Alchemy jobs of programs that end early or die: each is cancelled once, or taken over. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { type Duration, Effect, Fiber, type Layer, type Scope, Stream, TestClock } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import * as Horde from "effect-horde/Horde"
import * as JobJournal from "effect-horde/JobJournal"
import * as Recovery from "effect-horde/Recovery"
import * as TextGeneration from "effect-horde/TextGeneration"
import { cancels, endpoints, polls, request, submits, whole } from "../support/alchemy.js"
import { cancelledOnce, deletes, killedBesideRecovery } from "../support/cancelledOnce.js"
import * as Disk from "../support/disk.js"
import { hold, inIds, lostReply, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { jobOutcomes, jobs, requests, runToEnd, script } from "../support/virtualTime.js"

const { progress, run, submit } = Alchemy

type Needs = Layer.Layer.Success<typeof endpoints> | Horde.Services

const idle = { alchemyWorker: { takesJobs: false } } as const
const input = request("caption", "nsfw")

const isCancelledOnce = cancelledOnce(submits, cancels)

describe("alchemy jobs whose program ends early", () => {
  const ways: Readonly<Record<string, Effect.Effect<unknown, unknown, Needs>>> = {
    "a time-out of run": Effect.timeout(run(input), "30 seconds"),
    "a deadline of run": run(input, { deadline: "30 seconds" }),
    "a failure beside run": Effect.all([run(input), Effect.delay(Effect.fail("no"), "30 seconds")], { concurrency: 2 }),
    "a lost race": Effect.race(run(input), Effect.sleep("30 seconds")),
    "the end of a stream": Stream.runDrain(Stream.take(progress(input), 2)),
    "a failing consumer of a stream": Stream.runForEach(progress(input, { results: "as they arrive" }), () =>
      Effect.fail("no")
    ),
    "a closed scope": Effect.scoped(submit(input)),
    "a defect in a scope": Effect.scoped(Effect.zipRight(submit(input), Effect.die("no")))
  }
  for (const [title, program] of Object.entries(ways)) {
    it.effect(`${title} cancels the job once`, () =>
      Effect.gen(function* () {
        yield* runToEnd(Effect.exit(program))
        yield* isCancelledOnce
      }).pipe(whole(idle))
    )
  }

  const phases: ReadonlyArray<readonly [string, Faults.Rule, Duration.DurationInput]> = [
    ["its submit", Faults.latency("1 second", { method: "POST" }), "500 millis"],
    ["a poll", Faults.latency("5 seconds", { method: "GET" }), "3 seconds"],
    ["a failing poll", Faults.respond({ status: 500 }, { method: "GET" }), "20 seconds"]
  ]
  for (const [phase, fault, after] of phases) {
    it.effect(`an interruption during ${phase} cancels the job once`, () =>
      Effect.gen(function* () {
        yield* script(fault)
        const fiber = yield* Effect.fork(run(input))
        yield* TestClock.adjust(after)
        yield* runToEnd(Fiber.interrupt(fiber), "1 second")
        yield* TestClock.adjust("10 seconds")
        yield* isCancelledOnce
      }).pipe(whole(idle))
    )
  }

  it.effect("an interruption between two forms cancels the job once, and its finished form stays finished", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(run(input))
      yield* TestClock.adjust("15 seconds")
      yield* runToEnd(Fiber.interrupt(fiber), "1 second")
      yield* isCancelledOnce
      assert.deepStrictEqual(
        (yield* jobs).map(({ finished }) => finished),
        [1]
      )
    }).pipe(whole({ alchemyWorker: { takes: "10 seconds" } }))
  )

  it.effect("a finished job is not cancelled, with run, in a scope or as a stream", () =>
    Effect.gen(function* () {
      yield* runToEnd(run(input))
      yield* runToEnd(Effect.scoped(Effect.flatMap(submit(input), ({ result }) => result)))
      yield* runToEnd(Stream.runDrain(progress(input, { results: "as they arrive" })))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "finished 0", "finished 0"])
      assert.lengthOf(yield* deletes, 0)
    }).pipe(whole())
  )
})

describe("alchemy jobs of a dead program", () => {
  const server = (options: HordeServer.Options = idle) =>
    Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

  /** Gives an effect the endpoints that the stack of a program does not have. */
  const inProgram = <A, E>(effect: Effect.Effect<A, E, Needs | Scope.Scope>) => Effect.provide(effect, endpoints)

  const live = (program: Programs.Program) =>
    hold(program, inProgram(Effect.map(submit(input), ({ ticket }) => Programs.idOf(ticket) ?? "")), "100 millis")

  /** The next program on the disk of one that was killed. */
  const next = <A, E, R>(before: (dead: Programs.Program) => Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* before(dead)
      yield* dead.kill
      return yield* Programs.start(disk)
    })

  const ids = Effect.map(jobs, (all) => all.map(({ id }) => id))
  const recovered = (program: Programs.Program, options: Omit<Recovery.RecoverOptions, "kinds">) =>
    runToEnd(Effect.scoped(program.run(Recovery.recover({ kinds: Horde.kinds, ...options }))))

  it.scoped("a recovery cancels a job with a known id once", () =>
    Effect.gen(function* () {
      const program = yield* next(live)
      const found = yield* recovered(program, { policy: "cancel" })
      assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: yield* ids })
      yield* isCancelledOnce
      assert.deepStrictEqual(yield* program.run(Programs.states), ["cancelled"])
    }).pipe(server())
  )

  it.scoped("a resumed job returns the results of the dead program's request", () =>
    Effect.gen(function* () {
      const program = yield* next(live)
      const results = yield* runToEnd(
        Effect.scoped(
          program.run(
            inProgram(
              Effect.gen(function* () {
                const { resumed } = yield* Recovery.recover({ kinds: [Alchemy.kind], policy: "resume" })
                const [ticket] = resumed
                assert(ticket !== undefined)
                assert.deepStrictEqual([ticket.kind, ticket.expected], ["alchemy", 2])
                return yield* Effect.flatMap(Alchemy.resume(ticket), ({ result }) => result)
              })
            )
          )
        )
      )
      assert.sameMembers(
        results.map(({ _tag }) => _tag),
        ["Caption", "Nsfw"]
      )
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered"])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
      assert.lengthOf(yield* submits, 1)
    }).pipe(server({ alchemyWorker: { takes: "2 minutes" } }))
  )

  it.scoped("a job whose submit got no reply is only reported, at once and again by the next program", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* lostReply(dead, inProgram(submit(input)))
      yield* dead.kill
      const program = yield* Programs.start(disk)
      const found = yield* recovered(program, { policy: "cancel", exclusiveKeys: true })
      assert.deepStrictEqual(inIds(found), noIds)
      assert.deepStrictEqual(
        found.unknown.map(({ candidates, outcome, reason }) => [outcome, reason, candidates]),
        [["open", "the server does not list alchemy jobs", []]]
      )
      assert.lengthOf(yield* requests("GET", "/v2/find_user"), 0)
      assert.lengthOf(yield* polls, 0)
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
      assert.deepStrictEqual(yield* program.run(Programs.states), ["intent"])
      yield* program.kill
      const later = yield* Programs.start(disk)
      assert.lengthOf((yield* recovered(later, { policy: "cancel" })).unknown, 1)
    }).pipe(server())
  )

  it.scoped("a recovery of text jobs alone leaves alchemy jobs as they are", () =>
    Effect.gen(function* () {
      const program = yield* next(live)
      const texts = Recovery.recover({ kinds: [TextGeneration.kind], policy: "cancel" })
      const found = yield* runToEnd(Effect.scoped(program.run(texts)))
      assert.deepStrictEqual(inIds(found), { ...noIds, left: yield* ids })
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(server())
  )

  it.scoped("the layer of recovery takes over the job of a killed program while this one runs", () =>
    Effect.gen(function* () {
      yield* killedBesideRecovery(live)
      yield* isCancelledOnce
    }).pipe(server())
  )

  it.scoped("files of the journal contain neither the image nor the results nor the key", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      const results = yield* runToEnd(program.run(inProgram(run(request("caption", "describe")))))
      const [entry] = yield* program.run(Effect.flatMap(JobJournal.JobJournal, ({ entries }) => entries))
      assert.deepStrictEqual([entry?.job, entry?.expected, entry?.state], ["alchemy", 2, "delivered"])
      const written = Programs.textOn(disk)
      assert.include(written, "alchemy")
      const texts = results.flatMap((result) => (result._tag === "Caption" ? [result.text] : []))
      assert.lengthOf(texts, 1)
      for (const secret of [String(input.source_image), Accounts.plainKey, ...texts]) {
        assert.notInclude(written, secret)
      }
    }).pipe(server({}))
  )
})
