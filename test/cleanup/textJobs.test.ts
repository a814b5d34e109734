/** Text jobs of programs that end early or die: each is cancelled once, or found again. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { type Duration, Effect, Fiber, Stream, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as Recovery from "effect-horde/Recovery"
import * as TextGeneration from "effect-horde/TextGeneration"
import { cancelledOnce, deletes, killedBesideRecovery } from "../support/cancelledOnce.js"
import * as Disk from "../support/disk.js"
import { hold, inIds, live as liveImage, lostReply, noIds } from "../support/leftBehind.js"
import * as Programs from "../support/programs.js"
import { stack } from "../support/stack.js"
import { anotherClient, jobOutcomes, jobs, requests, runToEnd, script, small } from "../support/virtualTime.js"

const story = (prompt = "Once upon a time", n = 1): TextGeneration.GenerationInputKobold => ({
  prompt,
  params: { n, max_length: 20 }
})

const submits = requests("POST", "/v2/generate/text/async")
const polls = requests("GET", "/v2/generate/text/status/:id")
const cancels = requests("DELETE", "/v2/generate/text/status/:id")

const idle = { worker: { takesJobs: false }, textWorker: { takesJobs: false } }
const working = { textWorker: { takes: "10 seconds" } } as const
const server = (options: HordeServer.Options = idle) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))
const whole = (options: HordeServer.Options = idle) => Effect.provide(stack({ server: options }))

const isCancelledOnce = cancelledOnce(submits, cancels)

describe("text jobs whose program ends early", () => {
  const { generate, progress, submit } = TextGeneration
  const ways: Readonly<Record<string, Effect.Effect<unknown, unknown, Horde.Services>>> = {
    "a time-out of generate": Effect.timeout(generate(story()), "30 seconds"),
    "a deadline of generate": generate(story(), { deadline: "30 seconds" }),
    "a failure beside generate": Effect.all([generate(story()), Effect.delay(Effect.fail("no"), "30 seconds")], {
      concurrency: 2
    }),
    "a lost race": Effect.race(generate(story()), Effect.sleep("30 seconds")),
    "the end of a stream": Stream.runDrain(Stream.take(progress(story()), 2)),
    "a failing consumer of a stream": Stream.runForEach(progress(story(), { results: "as they arrive" }), () =>
      Effect.fail("no")
    ),
    "a closed scope": Effect.scoped(submit(story())),
    "a failure in a scope": Effect.scoped(Effect.zipRight(submit(story()), Effect.fail("no"))),
    "a defect in a scope": Effect.scoped(Effect.zipRight(submit(story()), Effect.die("no"))),
    "a raw submit": Effect.scoped(Effect.flatMap(TextGeneration.Submit, (call) => call({ payload: story() })))
  }
  for (const [title, program] of Object.entries(ways)) {
    it.effect(`${title} cancels the job once`, () =>
      Effect.gen(function* () {
        yield* runToEnd(Effect.exit(program))
        yield* isCancelledOnce
      }).pipe(whole())
    )
  }

  it.effect(
    "a closing layer cancels the job of a scope that is still open, and the scope does not cancel it again",
    () =>
      Effect.gen(function* () {
        yield* runToEnd(
          Effect.scoped(
            Effect.gen(function* () {
              yield* Effect.provide(submit(story()), anotherClient)
              yield* isCancelledOnce
            })
          )
        )
        yield* isCancelledOnce
      }).pipe(server())
  )

  const phases: ReadonlyArray<readonly [string, Faults.Rule, Duration.DurationInput]> = [
    ["its submit", Faults.latency("1 second", { method: "POST" }), "500 millis"],
    ["the wait for its first poll", Faults.latency("0 millis", { method: "POST" }), "500 millis"],
    ["a poll", Faults.latency("5 seconds", { method: "GET" }), "3 seconds"],
    ["a failing poll", Faults.respond({ status: 500 }, { method: "GET" }), "20 seconds"]
  ]
  for (const [phase, fault, after] of phases) {
    it.effect(`an interruption during ${phase} cancels the job once`, () =>
      Effect.gen(function* () {
        yield* script(fault)
        const fiber = yield* Effect.fork(generate(story()))
        yield* TestClock.adjust(after)
        yield* runToEnd(Fiber.interrupt(fiber), "1 second")
        yield* TestClock.adjust("10 seconds")
        yield* isCancelledOnce
      }).pipe(whole())
    )
  }

  it.effect("a cancel whose reply is lost is repeated once", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("after", { method: "DELETE", times: 1 }))
      yield* runToEnd(Effect.scoped(submit(story())))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 2"])
      assert.lengthOf(yield* cancels, 2)
    }).pipe(whole())
  )

  it.effect("a cancel returns the texts that were finished, and the wait fails with them", () =>
    Effect.gen(function* () {
      yield* runToEnd(
        Effect.scoped(
          Effect.gen(function* () {
            const job = yield* submit(story("Once upon a time", 3))
            const waiting = yield* Effect.fork(Effect.flip(job.result))
            yield* Effect.sleep("15 seconds")
            const texts = yield* job.cancel
            assert.lengthOf(texts, 1)
            const error = yield* Fiber.join(waiting)
            assert(error._tag === "JobCancelled")
            assert.deepStrictEqual(error.partial, texts)
          })
        ),
        "1 second"
      )
      yield* isCancelledOnce
    }).pipe(whole(working))
  )
})

describe("text jobs that need no cancel", () => {
  it.effect("a finished job is not cancelled, with generate, in a scope or as a stream", () =>
    Effect.gen(function* () {
      yield* runToEnd(TextGeneration.generate(story("1")))
      yield* runToEnd(Effect.scoped(Effect.flatMap(TextGeneration.submit(story("2")), ({ result }) => result)))
      yield* runToEnd(Stream.runDrain(TextGeneration.progress(story("3"), { results: "as they arrive" })))
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "finished 0", "finished 0"])
      assert.lengthOf(yield* deletes, 0)
    }).pipe(whole(working))
  )

  it.effect("a detached job outlives its client, and another client resumes it from its ticket", () =>
    Effect.gen(function* () {
      const text = yield* runToEnd(
        Effect.scoped(
          Effect.flatMap(TextGeneration.submit(story()), ({ detach }) => Effect.map(detach, Job.encodeTicket))
        ).pipe(Effect.provide(anotherClient))
      )
      assert.lengthOf(yield* deletes, 0)
      const texts = yield* runToEnd(
        Effect.scoped(
          Effect.flatMap(Job.decodeTicket(text), (ticket) =>
            Effect.flatMap(TextGeneration.resume(ticket), ({ result }) => result)
          )
        ).pipe(Effect.provide(anotherClient))
      )
      assert.lengthOf(texts, 1)
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(server(working))
  )

  it.effect("a resumed job belongs to its new scope", () =>
    Effect.gen(function* () {
      const submit = Effect.scoped(Effect.flatMap(TextGeneration.submit(story()), ({ detach }) => detach))
      const ticket = yield* runToEnd(Effect.provide(submit, anotherClient))
      yield* runToEnd(Effect.provide(Effect.scoped(TextGeneration.resume(ticket)), anotherClient))
      yield* isCancelledOnce
    }).pipe(server())
  )
})

describe("text jobs of a dead program", () => {
  const { submit } = TextGeneration
  const live = (program: Programs.Program, input = story()) =>
    hold(
      program,
      Effect.map(submit(input), ({ ticket }) => Programs.idOf(ticket) ?? ""),
      "100 millis"
    )
  const lost = (program: Programs.Program, input = story(), when?: "before" | "after") =>
    lostReply(program, submit(input), when)
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
  const outcomes = ({ unknown }: Recovery.Recovered) => unknown.map(({ outcome }) => outcome)

  const all = (options: Omit<Recovery.RecoverOptions, "kinds">) => Recovery.recover({ kinds: Horde.kinds, ...options })
  const texts = (options: Omit<Recovery.RecoverOptions, "kinds">) =>
    Recovery.recover({ kinds: [TextGeneration.kind], ...options })
  const images = (options: Omit<Recovery.RecoverOptions, "kinds">) =>
    Recovery.recover({ kinds: [ImageGeneration.kind], ...options })

  for (const [kinds, recover] of [
    ["all kinds", all],
    ["text jobs alone", texts]
  ] as const) {
    const recovered = (program: Programs.Program, options: Omit<Recovery.RecoverOptions, "kinds">) =>
      runToEnd(Effect.scoped(program.run(recover(options))))

    it.scoped(`a recovery of ${kinds} cancels a job with a known id once`, () =>
      Effect.gen(function* () {
        const program = yield* next(live)
        const found = yield* recovered(program, { policy: "cancel" })
        assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: yield* ids })
        yield* isCancelledOnce
        assert.deepStrictEqual(yield* program.run(Programs.states), ["cancelled"])
      }).pipe(server())
    )

    it.scoped(`a recovery of ${kinds} identifies a lost job by its request, and cancels it`, () =>
      Effect.gen(function* () {
        const request = { ...story("Once", 2), params: { n: 2, temperature: 0.5, stop_sequence: ["\n", "The end"] } }
        const program = yield* next((dead) => lost(dead, request))
        const other = yield* Programs.start(Disk.make())
        yield* live(other, { ...request, params: { ...request.params, stop_sequence: ["\n"] } })
        const found = yield* recovered(program, { policy: "cancel" })
        assert.deepStrictEqual(outcomes(found), ["found"])
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "waiting 0"])
      }).pipe(server())
    )

    it.scoped(`a recovery of ${kinds} on an older server needs exclusiveKeys to be certain of a lost job`, () =>
      Effect.gen(function* () {
        const program = yield* next((dead) => lost(dead, story("Once", 3)))
        const other = yield* Programs.start(Disk.make())
        yield* live(other, story("Twice", 2))
        const found = yield* recovered(program, { policy: "cancel" })
        assert.deepStrictEqual(outcomes(found), ["probable"])
        assert.deepStrictEqual(found.unknown[0]?.candidates.map(Programs.idOf), (yield* ids).slice(0, 1))
        assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "waiting 0"])
        const certain = yield* recovered(program, { policy: "cancel", exclusiveKeys: true })
        assert.deepStrictEqual(outcomes(certain), ["found"])
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "waiting 0"])
      }).pipe(server({ ...idle, exposesRequests: false }))
    )
  }

  it.scoped("a resumed job returns the texts, whether its reply was lost or not", () =>
    Effect.gen(function* () {
      const program = yield* next((dead) => Effect.zipRight(live(dead, story("one", 2)), lost(dead, story("two"))))
      const results = yield* runToEnd(
        Effect.scoped(
          program.run(
            Effect.gen(function* () {
              const found = yield* texts({ policy: "resume" })
              assert.deepStrictEqual(outcomes(found), ["found"])
              assert.deepStrictEqual(
                found.resumed.map(({ kind }) => kind),
                ["text", "text"]
              )
              return yield* Effect.forEach(found.resumed, (ticket) =>
                Effect.flatMap(TextGeneration.resume(ticket), ({ result }) => result)
              )
            })
          )
        )
      )
      assert.sameMembers(
        results.map(({ length }) => length),
        [2, 1]
      )
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered", "delivered"])
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0", "finished 0"])
      assert.lengthOf(yield* submits, 2)
    }).pipe(server({ textWorker: { takes: "2 minutes" } }))
  )

  it.scoped("a submit that started no job is absent, although an image job has the same prompt", () =>
    Effect.gen(function* () {
      const program = yield* next((dead) => lost(dead, story("a lighthouse"), "before"))
      const other = yield* Programs.start(Disk.make())
      yield* liveImage(other, small("a lighthouse"))
      const found = yield* runToEnd(Effect.scoped(program.run(all({ policy: "cancel", exclusiveKeys: true }))))
      assert.deepStrictEqual(outcomes(found), ["absent"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    }).pipe(server())
  )

  it.scoped("a recovery of image jobs alone does not touch text jobs, and leaves them to the next one", () =>
    Effect.gen(function* () {
      const program = yield* next((dead) =>
        Effect.all([live(dead, story("known")), lost(dead, story("unknown")), liveImage(dead)])
      )
      const found = yield* runToEnd(Effect.scoped(program.run(images({ policy: "cancel", exclusiveKeys: true }))))
      const [known, , image] = yield* ids
      assert.deepStrictEqual(inIds(found), { ...noIds, cancelled: [image], left: [known] })
      assert.deepStrictEqual(outcomes(found), ["open"])
      assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0", "waiting 0", "cancelled 1"])
      assert.lengthOf(yield* cancels, 0)
      assert.lengthOf(yield* polls, 0)
      const later = yield* runToEnd(Effect.scoped(program.run(texts({ policy: "cancel" }))))
      assert.sameMembers(inIds(later).cancelled, (yield* ids).slice(0, 2))
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1", "cancelled 1", "cancelled 1"])
    }).pipe(server())
  )

  it.scoped("the layer of recovery takes over the text jobs of a killed program while this one runs", () =>
    Effect.gen(function* () {
      yield* killedBesideRecovery(live)
      yield* isCancelledOnce
    }).pipe(server())
  )

  it.scoped("files of the journal contain neither the prompt nor the stop sequences nor the texts", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      const request = { prompt: "a promptly secret tale", params: { n: 2, stop_sequence: ["a secret stop"] } }
      const texts = yield* runToEnd(program.run(TextGeneration.generate(request)))
      yield* lost(program, request)
      yield* live(program, request)
      const written = Programs.textOn(disk)
      assert.include(written, "text")
      for (const secret of ["secret", Accounts.plainKey, ...texts.map(({ text }) => text)]) {
        assert.notInclude(written, secret)
      }
    }).pipe(server(working))
  )
})
