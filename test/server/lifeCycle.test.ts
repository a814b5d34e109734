import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, cancel, check, status, submit, theJob } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

describe("the life cycle of jobs", () => {
  it.effect("a job waits, runs, is delivered and fetched", () =>
    Effect.gen(function* () {
      const id = yield* submit("a quiet bay", { n: 2 })
      const first = yield* check(id)
      assert.deepStrictEqual(first, {
        finished: 0,
        processing: 0,
        restarted: 0,
        waiting: 2,
        done: false,
        faulted: false,
        wait_time: 0,
        queue_position: 0,
        kudos: 3,
        is_possible: true
      })
      yield* TestClock.adjust("1 second")
      const running = yield* check(id)
      assert.include(running, { processing: 1, waiting: 1, done: false, queue_position: 1, wait_time: 4 })
      yield* TestClock.adjust("2 seconds")
      const half = yield* status(id)
      assert.include(half, { finished: 1, processing: 1, waiting: 0, done: false, queue_position: 0 })
      assert.strictEqual(half["generations"].length, 1)
      yield* TestClock.adjust("2 seconds")
      const done = yield* status(id)
      assert.include(done, { finished: 2, processing: 0, done: true, faulted: false, shared: false, wait_time: 0 })
      const [picture] = done["generations"]
      assert.include(picture, { censored: false, state: "ok", model: "stable_diffusion", worker_name: "embedded" })
      assert.match(picture.seed, /^\d+$/)
      assert.match(picture.img, /^http:\/\/127\.0\.0\.1\/objects\/.*\.webp\?expires=\d+&signature=/)
      assert.strictEqual((yield* theJob).state, "finished")
    }).pipe(embedded())
  )

  it.effect("a check is cached for a second", () =>
    Effect.gen(function* () {
      const id = yield* submit("a quiet bay")
      yield* TestClock.adjust("500 millis")
      yield* check(id)
      yield* cancel(id)
      assert.strictEqual((yield* check(id))["waiting"], 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* check(id))["waiting"], 0)
    }).pipe(embedded({ worker: { takesJobs: false } }))
  )

  it.effect("the reply to a cancel has the counts from before the cancel", () =>
    Effect.gen(function* () {
      const id = yield* submit("a quiet bay", { n: 3 })
      yield* TestClock.adjust("3 seconds")
      const reply = yield* cancel(id)
      assert.include(reply, { finished: 1, processing: 1, waiting: 1, done: false })
      assert.strictEqual(reply["generations"].length, 1)
      assert.include(yield* check(id), { finished: 1, processing: 1, waiting: 0, done: false })
      // The worker is not notified: its picture still arrives.
      yield* TestClock.adjust("2 seconds")
      assert.include(yield* check(id), { finished: 2, processing: 0, waiting: 0, done: true })
      yield* cancel(id)
      assert.include(yield* theJob, { state: "cancelled", cancels: 2, cancelledAt: 3000 })
    }).pipe(embedded())
  )

  it.effect("a job expires at the sweep after 20 minutes, and not before", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("30 seconds")
      const id = yield* submit("a quiet bay")
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual((yield* check(id))["waiting"], 1)
      yield* TestClock.adjust("30 seconds")
      const gone = yield* call("GET", `/v2/generate/check/${id}`)
      assert.strictEqual(gone.status, 404)
      assert.strictEqual(gone.body["rc"], "RequestNotFound")
      assert.strictEqual((yield* theJob).state, "expired")
    }).pipe(embedded({ worker: false }))
  )

  it.effect("a job expires 20 minutes after its last delivery", () =>
    Effect.gen(function* () {
      const id = yield* submit("a quiet bay", { n: 12 })
      yield* TestClock.adjust("23 minutes")
      assert.include(yield* check(id), { finished: 11, processing: 1 })
      yield* TestClock.adjust("20 minutes")
      assert.include(yield* check(id), { finished: 12, done: true })
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* call("GET", `/v2/generate/check/${id}`)).status, 404)
      assert.strictEqual((yield* theJob).state, "finished")
    }).pipe(embedded({ worker: { takes: "2 minutes", startsAfter: 0 } }))
  )

  it.effect("a job that no worker can take is accepted with a warning", () =>
    Effect.gen(function* () {
      const answer = yield* call("POST", "/v2/generate/async", {
        key: "0000000000",
        body: { prompt: "a bay", models: ["no such model"], params: { steps: 8 } }
      })
      assert.strictEqual(answer.status, 202)
      assert.strictEqual(answer.body["warnings"][0].code, "NoAvailableWorker")
      assert.isString(answer.body["message"])
      assert.strictEqual((yield* check(answer.body["id"]))["is_possible"], false)
    }).pipe(embedded())
  )

  it.effect("a job has the same history in one jump of the clock as in many steps", () => {
    const story = (step: number) =>
      Effect.gen(function* () {
        const server = yield* HordeServer.HordeServer
        yield* submit("first", { n: 3 })
        yield* TestClock.adjust("700 millis")
        const second = yield* submit("second", { n: 6 })
        yield* TestClock.adjust("3 seconds")
        yield* cancel(second)
        yield* submit("third", { n: 2 })
        for (let passed = 0; passed < 300_900; passed += step) {
          yield* TestClock.adjust(`${step} millis`)
          yield* server.jobs
        }
        return yield* server.jobs
      }).pipe(
        embedded({ worker: [{ takes: "900 millis" }, { name: "slow", takes: "250 seconds" }, { takes: "3 seconds" }] })
      )
    return Effect.gen(function* () {
      const many = yield* story(1700)
      yield* TestClock.setTime(0)
      const one = yield* story(300_900)
      assert.deepStrictEqual(many, one)
      assert.deepStrictEqual(
        one.map(({ state }) => state),
        ["finished", "cancelled", "finished"]
      )
      // The slow worker was given up, and its picture drawn again.
      assert.strictEqual(
        one.reduce((sum, { restarted }) => sum + restarted, 0),
        1
      )
    })
  })
})
