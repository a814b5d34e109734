/** The end of a worker: its unfinished jobs are returned, or finished; and what happens to lost replies. */
import { assert, describe, it } from "@effect/vitest"
import { Faults, type HordeServer } from "@effect-horde/server"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Recovery from "effect-horde/Recovery"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Worker from "effect-horde/Worker"
import * as Disk from "../support/disk.js"
import * as Programs from "../support/programs.js"
import { clearFaults, jobs, requests, runToEnd, script } from "../support/virtualTime.js"
import { beside, picture, recorded, request, workerStack } from "../support/workers.js"

const provided = (options: HordeServer.Options = {}) => Effect.provide(workerStack(options))
const pops = requests("POST", "/v2/generate/pop")
const submits = requests("POST", "/v2/generate/submit")
const slow = () => Effect.delay(Effect.succeed(picture), "60 seconds")

/** Submits a request that stays on the server until the test ends. */
const asked = (n = 1) => Effect.forkScoped(Effect.exit(ImageGeneration.generate(request(n))))

describe("an interrupted worker", () => {
  for (const n of [1, 3]) {
    it.scoped(`returns each of its ${n} popped jobs at once`, () =>
      Effect.gen(function* () {
        const { worker } = recorded({ generate: slow, amount: n })
        yield* asked(n)
        const fiber = yield* Effect.fork(Worker.runImage(worker))
        yield* TestClock.adjust("20 seconds")
        assert.deepInclude((yield* jobs)[0], { processing: n, waiting: 0 })
        yield* runToEnd(Fiber.interrupt(fiber), "100 millis")
        assert.deepInclude((yield* jobs)[0], { processing: 0, waiting: n, restarted: n })
        assert.deepStrictEqual(
          (yield* submits).map(({ status }) => status),
          Array.from({ length: n }, () => 200)
        )
      }).pipe(provided())
    )
  }

  it.scoped("returns the job of a pop whose reply was still on its way", () =>
    Effect.gen(function* () {
      yield* asked()
      yield* TestClock.adjust("1 second")
      yield* script(Faults.latency("2 seconds", { path: "/v2/generate/pop" }))
      const fiber = yield* Effect.fork(Worker.runImage(recorded({ generate: slow }).worker))
      yield* TestClock.adjust("1 second")
      yield* runToEnd(Fiber.interrupt(fiber), "100 millis")
      assert.lengthOf(yield* pops, 1)
      assert.lengthOf(yield* submits, 1)
      assert.deepInclude((yield* jobs)[0], { processing: 0, waiting: 1, restarted: 1 })
    }).pipe(provided())
  )

  it.scoped("does not wait for a pop without a reply, whose job goes to another worker after its ttl", () =>
    Effect.gen(function* () {
      yield* asked()
      yield* TestClock.adjust("1 second")
      yield* script(Faults.hang("after", { path: "/v2/generate/pop", times: 1 }))
      const fiber = yield* Effect.fork(Worker.runImage(recorded().worker))
      yield* TestClock.adjust("1 second")
      yield* runToEnd(Fiber.interrupt(fiber), "100 millis")
      assert.lengthOf(yield* submits, 0)
      assert.deepInclude((yield* jobs)[0], { processing: 1 })
      yield* runToEnd(Worker.runImage(recorded({ stop: Effect.sleep("200 seconds") }).worker))
      assert.deepInclude((yield* jobs)[0], { finished: 1, restarted: 1 })
      assert.lengthOf(yield* submits, 1)
    }).pipe(provided())
  )
})

describe("a stopped worker", () => {
  it.scoped("finishes its jobs, pops no more, and ends", () =>
    Effect.gen(function* () {
      yield* asked(2)
      const stop = yield* Deferred.make<void>()
      const { tags, worker } = recorded({ generate: slow, stop: Deferred.await(stop) })
      const fiber = yield* Effect.fork(Worker.runImage(worker))
      yield* TestClock.adjust("20 seconds")
      yield* Deferred.succeed(stop, undefined)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
      yield* runToEnd(Fiber.join(fiber))
      assert.deepStrictEqual(tags(), ["Popped", "Submitted"])
      assert.deepInclude((yield* jobs)[0], { finished: 1, waiting: 1, restarted: 0 })
    }).pipe(provided())
  )

  it.scoped("ends at once if it is idle, with several threads too", () =>
    Effect.gen(function* () {
      const { worker } = recorded({ threads: 4, stop: Effect.sleep("33 seconds") })
      const fiber = yield* Effect.fork(Worker.runImage(worker))
      yield* TestClock.adjust("32 seconds")
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "Some")
    }).pipe(provided())
  )
})

describe("lost replies", () => {
  it.scoped("a pop whose reply was lost is not repeated at once, and its job ends with its ttl", () =>
    Effect.gen(function* () {
      const { events, tags, worker } = recorded()
      yield* script(Faults.reset("after", { path: "/v2/generate/pop", times: 1 }))
      const client = Effect.delay(ImageGeneration.generate(request()), "1 millis")
      const images = yield* runToEnd(
        Effect.zipRight(Effect.forkScoped(Effect.delay(Worker.runImage(worker), "1 second")), client)
      )
      assert.lengthOf(images, 1)
      assert.deepStrictEqual(tags(), ["Refused", "Popped", "Submitted"])
      assert(events[0]?._tag === "Refused")
      assert.strictEqual(events[0].error._tag, "OutcomeUnknown")
      assert.deepInclude((yield* jobs)[0], { finished: 1, restarted: 1 })
      assert.lengthOf(yield* submits, 1)
    }).pipe(provided())
  )

  it.effect("a result whose submit got no reply is submitted again, and counted once", () =>
    Effect.gen(function* () {
      const { events, tags, worker } = recorded()
      yield* script(Faults.reset("after", { path: "/v2/generate/submit", times: 1 }))
      const images = yield* runToEnd(beside(ImageGeneration.generate(request()), Worker.runImage(worker)))
      assert.lengthOf(images, 1)
      assert.deepStrictEqual(tags(), ["Popped", "Submitted"])
      const submitted = events.find((event) => event._tag === "Submitted")
      assert.isDefined(submitted)
      assert.notProperty(submitted, "kudos")
      assert.deepStrictEqual(
        (yield* submits).map(({ status }) => status),
        [200, 400]
      )
      assert.deepInclude((yield* jobs)[0], { finished: 1, restarted: 0 })
    }).pipe(provided())
  )

  it.scoped("a result is submitted as soon as the server can be reached again", () =>
    Effect.gen(function* () {
      const { tags, worker } = recorded({ stop: Effect.sleep("140 seconds") })
      yield* asked()
      yield* TestClock.adjust("1 second")
      yield* script(Faults.refuse({ path: "/v2/generate/submit" }))
      const fiber = yield* Effect.fork(Worker.runImage(worker))
      yield* TestClock.adjust("90 seconds")
      assert.deepStrictEqual(tags(), ["Popped"])
      yield* clearFaults
      yield* runToEnd(Fiber.join(fiber))
      assert.deepStrictEqual(tags(), ["Popped", "Submitted"])
      assert.deepInclude((yield* jobs)[0], { finished: 1, restarted: 0 })
    }).pipe(provided())
  )

  it.scoped("a result that cannot be submitted within the ttl fails its job", () =>
    Effect.gen(function* () {
      const { events, worker } = recorded({ stop: Effect.sleep("3 minutes") })
      yield* asked()
      yield* TestClock.adjust("1 second")
      yield* script(Faults.refuse({ path: "/v2/generate/submit" }))
      yield* runToEnd(Worker.runImage(worker))
      assert.deepInclude(
        events.find(({ _tag }) => _tag === "Faulted"),
        { reason: "Refused" }
      )
      // the layer returns the job once more when it closes
      yield* clearFaults
    }).pipe(provided())
  )

  it.scoped("a result that is too late fails its job, and is not reported again", () =>
    Effect.gen(function* () {
      const { events, worker } = recorded({ generate: slow, stop: Effect.sleep("100 seconds") })
      yield* asked()
      yield* TestClock.adjust("1 second")
      const aborted = { message: "too late", rc: "AbortedGen" }
      yield* script(
        Faults.respond({ status: 400, body: JSON.stringify(aborted) }, { path: "/v2/generate/submit", times: 1 })
      )
      yield* runToEnd(Worker.runImage(worker))
      assert.deepInclude(
        events.find(({ _tag }) => _tag === "Faulted"),
        { reason: "Aborted" }
      )
      assert.lengthOf(yield* submits, 1)
    }).pipe(provided())
  )
})

describe("a killed worker", () => {
  const writer: Worker.TextWorkerOptions = {
    name: "t1",
    models: ["koboldcpp/LLaMA"],
    amount: 2,
    generate: () => Effect.never
  }
  const work = (program: Programs.Program) => program.run(Worker.runText(writer).pipe(Effect.provide(Worker.layer)))
  const story = { prompt: "Once upon a time", params: { n: 2, max_length: 20 }, models: ["koboldcpp/LLaMA"] }

  for (const policy of ["cancel", "resume"] as const) {
    it.scoped(`has its jobs returned by the recovery of the next process, with the policy ${policy}`, () =>
      Effect.gen(function* () {
        const disk = Disk.make()
        const dead = yield* Programs.start(disk)
        yield* Effect.forkScoped(Effect.exit(TextGeneration.generate(story)))
        yield* Effect.forkDaemon(work(dead))
        yield* TestClock.adjust("30 seconds")
        assert.deepInclude((yield* jobs)[0], { processing: 2 })
        yield* dead.kill
        const next = yield* Programs.start(disk)
        const found = yield* runToEnd(
          Effect.scoped(next.run(Recovery.recover({ kinds: Horde.kinds, policy }))),
          "1 second"
        )
        assert.deepStrictEqual(
          found.cancelled.map(({ kind }) => kind),
          ["popped text", "popped text"]
        )
        assert.deepStrictEqual(found.failed, [])
        assert.deepInclude((yield* jobs)[0], { processing: 0, waiting: 2, restarted: 2 })
        assert.deepStrictEqual(yield* next.run(Programs.states), ["cancelled", "cancelled"])
        assert.lengthOf(yield* requests("POST", "/v2/generate/text/submit"), 2)
      }).pipe(provided())
    )
  }

  it.scoped("whose journal is recovered after the ttl: nothing is left to return", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const dead = yield* Programs.start(disk)
      yield* Effect.forkScoped(Effect.exit(TextGeneration.generate(story)))
      yield* Effect.forkDaemon(work(dead))
      yield* TestClock.adjust("30 seconds")
      yield* dead.kill
      yield* TestClock.adjust("3 minutes")
      const next = yield* Programs.start(disk)
      const found = yield* runToEnd(
        Effect.scoped(next.run(Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }))),
        "1 second"
      )
      assert.lengthOf(found.cancelled, 2)
      assert.deepStrictEqual(yield* next.run(Programs.states), ["cancelled", "cancelled"])
      assert.deepInclude((yield* jobs)[0], { waiting: 2, restarted: 2 })
    }).pipe(provided())
  )

  it.scoped("the journal records the jobs of a worker, without prompts and results", () =>
    Effect.gen(function* () {
      const disk = Disk.make()
      const program = yield* Programs.start(disk)
      const generate = () => Effect.succeed("a secret story")
      const worker = program.run(Worker.runText({ ...writer, generate }).pipe(Effect.provide(Worker.layer)))
      yield* runToEnd(beside(TextGeneration.generate({ ...story, prompt: "a secret" }), worker))
      assert.deepStrictEqual(yield* program.run(Programs.states), ["delivered", "delivered"])
      assert.include(Programs.textOn(disk), "popped text")
      assert.notInclude(Programs.textOn(disk), "secret")
    }).pipe(provided())
  )
})
