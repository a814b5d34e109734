/** Refusals of pops: a worker waits for those that pass, and ends with the others; and its pauses without jobs. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults } from "@effect-horde/server"
import { Duration, Effect, Fiber, Redacted, TestClock } from "effect"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Worker from "effect-horde/Worker"
import * as Workers from "effect-horde/Workers"
import { requests, runToEnd, script } from "../support/virtualTime.js"
import { beside, recorded, request, workerStack } from "../support/workers.js"

const stack = Effect.provide(workerStack())
const pops = requests("POST", "/v2/generate/pop")

describe("refusals that pass", () => {
  it.effect("a worker in maintenance waits until it may work again", () =>
    Effect.gen(function* () {
      const { events, worker } = recorded({ maxPause: "2 seconds" })
      const fiber = yield* Effect.fork(Worker.runImage(worker))
      yield* TestClock.adjust("5 seconds")
      const modify = (maintenance: boolean) =>
        Effect.flatMap(Workers.getByName("w1"), ({ id }) => Workers.modify(id, { maintenance })).pipe(
          HordeClient.withApiKey(Redacted.make(Accounts.ownerKey))
        )
      yield* modify(true)
      yield* TestClock.adjust("3 minutes")
      const refused = events.flatMap((event) => (event._tag === "Refused" ? [event] : []))
      assert.isAbove(refused.length, 3)
      for (const { error, pause } of refused) {
        assert.deepInclude(error, { _tag: "Forbidden", rc: "WorkerMaintenance" })
        assert.isAtMost(Duration.toSeconds(pause), 72)
      }
      yield* modify(false)
      assert.lengthOf(yield* runToEnd(ImageGeneration.generate(request(), { impossibleAfter: "5 minutes" })), 1)
      yield* Fiber.interrupt(fiber)
    }).pipe(stack)
  )

  const refusal = (status: number, body: object, headers: Readonly<Record<string, string>> = {}) =>
    Faults.respond({ status, body: JSON.stringify(body), headers }, { path: "/v2/generate/pop", times: 1 })
  const passing: ReadonlyArray<readonly [string, Faults.Rule, tag: string]> = [
    ["a time-out of the IP address", refusal(403, { message: "wait 45 seconds", rc: "TimeoutIP" }), "Forbidden"],
    ["a server error", refusal(500, { message: "a defect" }), "ServerError"],
    ["a page of a gateway", Faults.respond({ status: 503, body: "<h1>no</h1>" }, { times: 1 }), "OutcomeUnknown"],
    ["a refused connection", Faults.refuse({ times: 1 }), "TransportError"]
  ]
  for (const [title, rule, tag] of passing) {
    it.effect(`after ${title} the worker pops again`, () =>
      Effect.gen(function* () {
        const { events, worker } = recorded()
        yield* script(rule)
        const fiber = yield* Effect.fork(Worker.runImage(worker))
        yield* TestClock.adjust("2 minutes")
        assert(events[0]?._tag === "Refused")
        assert.strictEqual(events[0].error._tag, tag)
        assert.strictEqual(events[1]?._tag, "Idle")
        yield* Fiber.interrupt(fiber)
      }).pipe(stack)
    )
  }
})

describe("refusals that end a worker", () => {
  const fatal: ReadonlyArray<readonly [string, Partial<Worker.ImageWorkerOptions>, string]> = [
    ["without a known model", { models: ["a model of nobody"] }, "BadRequest"],
    ["with an invalid number of threads", { threads: 0 }, "InvalidRequest"],
    ["with a forbidden name", { name: "my colab" }, "BadRequest"]
  ]
  for (const [title, options, tag] of fatal) {
    it.effect(`a worker ${title} fails with ${tag}`, () =>
      Effect.gen(function* () {
        const error = yield* runToEnd(Effect.flip(Worker.runImage(recorded(options).worker)))
        assert.strictEqual(error._tag, tag)
      }).pipe(stack)
    )
  }

  it.effect("a worker with an unknown key fails with Unauthorized, and its other threads end", () =>
    Effect.gen(function* () {
      const worker = Worker.runImage(recorded({ threads: 3 }).worker)
      const error = yield* runToEnd(
        Effect.flip(HordeClient.withApiKey(Redacted.make("nobodysAccount_aaaa_01"))(worker))
      )
      assert.strictEqual(error._tag, "Unauthorized")
      assert.lengthOf(yield* pops, 1)
    }).pipe(stack)
  )

  it.effect("jobs of the other threads are finished before the worker ends with its error", () =>
    Effect.gen(function* () {
      const { tags, worker } = recorded({ threads: 2 })
      const client = yield* Effect.fork(ImageGeneration.generate(request()))
      yield* TestClock.adjust("1 second")
      const fiber = yield* Effect.fork(Effect.flip(Worker.runImage(worker)))
      yield* TestClock.adjust("1 second")
      const body = JSON.stringify({ message: "no", rc: "DeletedUser" })
      yield* script(Faults.respond({ status: 403, body }, { path: "/v2/generate/pop" }))
      assert.strictEqual((yield* runToEnd(Fiber.join(fiber)))._tag, "Forbidden")
      assert.deepStrictEqual(tags(), ["Popped", "Submitted"])
      assert.lengthOf(yield* runToEnd(Fiber.join(client)), 1)
    }).pipe(stack)
  )
})

describe("pauses of an idle worker", () => {
  it.effect("grow to the maximum, whatever the number of threads, and start again after a job", () =>
    Effect.gen(function* () {
      const { events, worker } = recorded({ threads: 4, maxPause: "8 seconds" })
      yield* runToEnd(
        beside(Effect.delay(ImageGeneration.generate(request()), "1 minute"), Worker.runImage(worker)),
        "1 second"
      )
      const at = events.findIndex(({ _tag }) => _tag === "Popped")
      const pauses = events
        .slice(0, at)
        .flatMap((event) => (event._tag === "Idle" ? [Duration.toMillis(event.pause)] : []))
      assert.isAtLeast(pauses[0] ?? 0, 1000)
      assert.isAtMost(pauses[0] ?? 0, 1200)
      assert.isAtLeast(pauses.at(-1) ?? 0, 8000)
      assert.isAtMost(pauses.at(-1) ?? 0, 9600)
      // 1, 1.5, 2.25, 3.4, 5, 7.6 and then 8 seconds each, in a minute
      assert.isAtMost(pauses.length, 12)
      const next = events.slice(at).find((event) => event._tag === "Idle")
      assert.isAtMost(next === undefined ? 0 : Duration.toMillis(next.pause), 1200)
    }).pipe(stack)
  )

  it.effect("an idle worker learns which jobs it does not get, and why", () =>
    Effect.gen(function* () {
      const { events, worker } = recorded({ nsfw: false, stop: Effect.sleep("20 seconds") })
      const client = yield* Effect.fork(ImageGeneration.generate({ ...request(), nsfw: true }))
      yield* TestClock.adjust("1 second")
      yield* runToEnd(Worker.runImage(worker))
      const idle = events.find(({ _tag }) => _tag === "Idle")
      assert.deepInclude(idle, { skipped: { nsfw: 1 } })
      yield* runToEnd(Fiber.interrupt(client))
    }).pipe(stack)
  )
})
