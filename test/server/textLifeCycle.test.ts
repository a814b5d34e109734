import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, submit, theJob } from "./raw.js"
import { cancelText, deliverText, outcome, popText, submitText, textStatus } from "./texts.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, limits: "raised", ...options }))

describe("the life cycle of text jobs", () => {
  it.effect("a job waits, runs, is delivered and fetched", () =>
    Effect.gen(function* () {
      const id = yield* submitText({ params: { n: 2 } })
      assert.deepStrictEqual(yield* textStatus(id), {
        generations: [],
        finished: 0,
        processing: 0,
        restarted: 0,
        waiting: 2,
        done: false,
        faulted: false,
        wait_time: 0,
        queue_position: 0,
        kudos: 1,
        is_possible: true
      })
      yield* TestClock.adjust("1 second")
      assert.include(yield* textStatus(id), { processing: 1, waiting: 1, queue_position: 1, wait_time: 4 })
      yield* TestClock.adjust("2 seconds")
      assert.include(yield* textStatus(id), { finished: 1, processing: 1, waiting: 0, done: false })
      yield* TestClock.adjust("2 seconds")
      const { generations, ...counts } = yield* textStatus(id)
      assert.include(counts, { finished: 2, processing: 0, done: true, faulted: false, wait_time: 0 })
      assert.notProperty(counts, "shared")
      assert.lengthOf(generations, 2)
      const [first] = generations
      assert.isNumber(first.seed)
      assert.deepStrictEqual(first, {
        text: first.text,
        seed: first.seed,
        gen_metadata: [],
        worker_id: first.worker_id,
        worker_name: "embedded text",
        model: "koboldcpp/LLaMA",
        state: "ok"
      })
      const record = yield* theJob
      assert.include(record, {
        id,
        kind: "text",
        prompt: "Once upon a time",
        n: 2,
        state: "finished",
        account: "plain"
      })
      assert.lengthOf(record.generations, 2)
    }).pipe(embedded())
  )

  it.effect("a status is not cached", () =>
    Effect.gen(function* () {
      const id = yield* submitText()
      yield* TestClock.adjust("100 millis")
      assert.strictEqual((yield* textStatus(id))["waiting"], 1)
      yield* cancelText(id)
      assert.strictEqual((yield* textStatus(id))["waiting"], 0)
    }).pipe(embedded({ worker: false }))
  )

  it.effect("a cancelled job with texts left is never done", () =>
    Effect.gen(function* () {
      const id = yield* submitText({ params: { n: 3 } })
      yield* TestClock.adjust("3 seconds")
      assert.include(yield* cancelText(id), { finished: 1, processing: 1, waiting: 1, done: false })
      assert.include(yield* textStatus(id), { finished: 1, processing: 1, waiting: 0, done: false })
      // The worker is not notified: its text still arrives.
      yield* TestClock.adjust("10 minutes")
      assert.include(yield* textStatus(id), { finished: 2, processing: 0, waiting: 0, done: false, faulted: false })
      assert.include(yield* theJob, { state: "cancelled", cancels: 1, cancelledAt: 3000 })
      yield* TestClock.adjust("12 minutes")
      assert.deepStrictEqual(outcome(yield* call("GET", `/v2/generate/text/status/${id}`)), [404, "RequestNotFound"])
    }).pipe(embedded())
  )

  it.effect("a reported failure is queued again, and the sweep gives up after three", () =>
    Effect.gen(function* () {
      const id = yield* submitText()
      yield* TestClock.adjust("1 second")
      for (const restarted of [1, 2, 3, 4]) {
        const { body } = yield* popText()
        assert.isString(body["id"])
        assert.deepStrictEqual((yield* deliverText(body["id"], { state: "faulted" })).body, { reward: 0 })
        assert.include(yield* textStatus(id), { restarted, waiting: 1, processing: 0, done: false, faulted: false })
      }
      yield* TestClock.adjust("1 minute")
      assert.include(yield* textStatus(id), { restarted: 4, done: true, faulted: true })
      assert.isNull((yield* popText()).body["id"])
      assert.strictEqual((yield* theJob).state, "faulted")
    }).pipe(embedded({ worker: false }))
  )

  it.effect("an attempt is overdue after 150 seconds, whatever its length", () =>
    Effect.gen(function* () {
      const id = yield* submitText({ params: { max_length: 512, max_context_length: 4096 } })
      yield* TestClock.adjust("29 seconds")
      const { body } = yield* popText()
      assert.strictEqual(body["ttl"], 150)
      yield* TestClock.adjust("150 seconds")
      assert.include(yield* textStatus(id), { processing: 1, restarted: 0 })
      yield* TestClock.adjust("1 second")
      assert.include(yield* textStatus(id), { processing: 0, restarted: 1, waiting: 1 })
      assert.deepStrictEqual(outcome(yield* deliverText(body["id"])), [400, "AbortedGen"])
    }).pipe(embedded({ worker: false }))
  )

  it.effect("the ids of one kind are unknown to the routes of the other", () =>
    Effect.gen(function* () {
      const text = yield* submitText()
      const image = yield* submit("a bay")
      const unknown = [404, "RequestNotFound"]
      const paths = [
        `/v2/generate/check/${text}`,
        `/v2/generate/status/${text}`,
        `/v2/generate/request/${text}`,
        `/v2/generate/text/status/${image}`,
        `/v2/generate/text/request/${image}`
      ]
      for (const path of paths) {
        assert.deepStrictEqual(outcome(yield* call("GET", path, { key: Accounts.plainKey })), unknown, path)
      }
      for (const path of [`/v2/generate/status/${text}`, `/v2/generate/text/status/${image}`]) {
        assert.deepStrictEqual(outcome(yield* call("DELETE", path)), unknown, path)
      }
      const server = yield* HordeServer.HordeServer
      assert.deepStrictEqual(
        (yield* server.jobs).map(({ id, kind, state }) => ({ id, kind, state })),
        [
          { id: text, kind: "text", state: "waiting" },
          { id: image, kind: "image", state: "waiting" }
        ]
      )
      const seen = (yield* server.exchanges).filter(({ route }) => route === "/v2/generate/text/async")
      assert.deepStrictEqual(
        seen.map(({ requestId }) => requestId),
        [text]
      )
    }).pipe(embedded({ worker: false }))
  )

  it.effect("at most 60 status calls per minute, job and method", () =>
    Effect.gen(function* () {
      const id = yield* submitText()
      const other = yield* submitText()
      const path = `/v2/generate/text/status/${id}`
      for (let count = 0; count < 60; count++) yield* textStatus(id)
      const refused = yield* call("GET", path)
      assert.deepStrictEqual([refused.status, refused.body], [429, { message: "60 per 1 minute" }])
      assert.strictEqual((yield* call("DELETE", path)).status, 200)
      assert.strictEqual((yield* textStatus(other))["waiting"], 1)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* call("GET", path)).status, 200)
    }).pipe(embedded({ worker: false }))
  )

  it.effect("scripted faults of jobs apply to text jobs", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const isText: Faults.JobMatch = ({ kind }) => kind === "text"
      yield* server.faults.script(
        Faults.failAttempts(2, "fails"),
        Faults.loseAttempts(1, "is lost"),
        Faults.censor("is censored"),
        Faults.stall("stalls"),
        Faults.impossible("is impossible"),
        Faults.vanish(({ kind, prompt }) => kind === "text" && prompt === "vanishes"),
        Faults.unavailableImage(isText)
      )
      const prompts = ["fails", "is lost", "is censored", "stalls", "is impossible"]
      const ids = yield* Effect.forEach(prompts, (prompt) => submitText({ prompt }))
      const vanished = yield* submitText({ prompt: "vanishes" })
      assert.strictEqual((yield* call("GET", `/v2/generate/text/status/${vanished}`)).status, 404)
      yield* TestClock.adjust("5 minutes")
      const [fails, lost, censored, stalled, impossible] = yield* Effect.forEach(ids, textStatus)
      assert.include(fails, { finished: 1, restarted: 2, done: true, faulted: false })
      assert.include(lost, { finished: 1, restarted: 1, done: true })
      assert.include(censored, { finished: 1, done: true, kudos: 2 })
      assert.include(censored?.["generations"][0], { state: "csam" })
      assert.include(stalled, { finished: 0, processing: 0, waiting: 0, done: false })
      assert.include(impossible, { waiting: 1, is_possible: false })
    }).pipe(embedded())
  )

  it.effect("the account shows its text jobs under text, with their tokens", () =>
    Effect.gen(function* () {
      const image = yield* submit("a bay")
      const text = yield* submitText()
      const { body } = yield* call("GET", "/v2/find_user", { key: Accounts.plainKey })
      assert.deepStrictEqual(body["active_generations"], { image: [image], text: [text] })
      assert.deepStrictEqual(body["records"].request, { image: 1, text: 1, interrogation: 0 })
      const other = yield* submitText({ models: ["other"] }, Accounts.ownerKey)
      const { active_generations } = (yield* call("GET", "/v2/find_user", { key: Accounts.ownerKey })).body
      assert.deepStrictEqual(active_generations, { text: [other] })
      yield* deliverText((yield* popText()).body["id"], { generation: "x".repeat(100) })
      yield* TestClock.adjust("31 seconds")
      const user = (yield* call("GET", "/v2/find_user", { key: Accounts.plainKey })).body
      const worker = (yield* call("GET", "/v2/find_user", { key: Accounts.workerKey })).body
      assert.deepStrictEqual(user["records"].usage, { megapixelsteps: 0, tokens: 25 })
      assert.deepStrictEqual(worker["records"].contribution, { megapixelsteps: 0, tokens: 25 })
      assert.deepStrictEqual(worker["records"].fulfillment, { image: 0, text: 1, interrogation: 0 })
      assert.strictEqual(worker["worker_count"], 1)
    }).pipe(embedded({ worker: false }))
  )
})
