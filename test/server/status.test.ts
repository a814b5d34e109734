import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { embedded, nobody, owner, plain, refusal, reply, stranger } from "./calls.js"
import { deliver, pop } from "./outside.js"
import { call, check, submit } from "./raw.js"
import { ask, submitText } from "./texts.js"

const put = (as: typeof owner, body: object) => as("PUT", "/v2/status/modes", body)

describe("modes", () => {
  it.effect("in maintenance no job is accepted, and waiting pictures are stopped", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay", { n: 2 })
      assert.deepStrictEqual(reply(yield* put(owner, { maintenance_mode: true })), [200, { maintenance_mode: true }])
      assert.include(yield* check(id), { waiting: 0, done: false })
      assert.strictEqual((yield* pop()).body["id"], null)
      const body = { prompt: "a bay" }
      const refused = yield* call("POST", "/v2/generate/async", { key: Accounts.plainKey, body })
      assert.deepStrictEqual(refusal(refused), [400, "MaintenanceMode"])
      assert.deepStrictEqual(refusal(yield* ask()), [400, "MaintenanceMode"])
      assert.include((yield* nobody("GET", "/v2/status/modes")).body, { maintenance_mode: true })
      yield* put(owner, { maintenance_mode: false })
      yield* submit("a bay")
    }).pipe(embedded())
  )

  it.effect("an admin switches the maintenance, moderators the other modes", () =>
    Effect.gen(function* () {
      const key = "moderator_aaaaaaaaa_07"
      const moderator: typeof owner = (method, path, body) => call(method, path, { key, body })
      assert.deepStrictEqual(refusal(yield* put(moderator, { maintenance_mode: true })), [403, "NotAdmin"])
      const modes = { invite_only_mode: true, raid_mode: true }
      assert.deepStrictEqual(reply(yield* put(moderator, modes)), [200, modes])
      assert.deepStrictEqual((yield* moderator("GET", "/v2/status/modes")).body, { maintenance_mode: false, ...modes })
      assert.deepStrictEqual(refusal(yield* put(plain, { raid_mode: false })), [403, "NotModerator"])
      assert.deepStrictEqual(refusal(yield* put(plain, { maintenance_mode: false })), [403, "NotAdmin"])
      assert.deepStrictEqual(refusal(yield* put(stranger, modes)), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(refusal(yield* put(nobody, modes)), [400, ["apikey"]])
      assert.deepStrictEqual(refusal(yield* put(owner, {})), [400, "NoHordeModSelected"])
    }).pipe(
      embedded({
        accounts: [
          ...Accounts.defaults,
          { role: "moderator", apiKey: "moderator_aaaaaaaaa_07", id: 7, alias: "moderator", kudos: 0, moderator: true }
        ]
      })
    )
  )

  it.effect("in invite-only mode new workers need an invitation", () =>
    Effect.gen(function* () {
      yield* pop({ name: "known" })
      yield* put(owner, { invite_only_mode: true })
      assert.strictEqual((yield* pop({ name: "known" })).status, 200)
      assert.deepStrictEqual(refusal(yield* pop({ name: "new" })), [403, "WorkerInviteOnly"])
      yield* owner("PUT", "/v2/users/3", { worker_invited: 1 })
      assert.deepStrictEqual(refusal(yield* pop({ name: "new" })), [403, "WorkerInviteOnly"])
      yield* owner("PUT", "/v2/users/3", { worker_invited: 2 })
      assert.strictEqual((yield* pop({ name: "new" })).status, 200)
    }).pipe(embedded())
  )
})

const model = (name: string) => Effect.map(nobody("GET", `/v2/status/models/${name}`), ({ body }) => body)

describe("models and performance", () => {
  it.effect("a model shows its threads, its queue and its speed", () =>
    Effect.gen(function* () {
      const body = { prompt: "a bay", models: ["stable_diffusion"], r2: false, params: { n: 2, steps: 10 } }
      yield* call("POST", "/v2/generate/async", { key: Accounts.plainKey, body })
      assert.deepStrictEqual(yield* model("stable_diffusion"), [
        {
          name: "stable_diffusion",
          type: "image",
          count: 0,
          jobs: 2,
          queued: 2 * 10 * 512 ** 2,
          performance: 0,
          eta: 10_000
        }
      ])
      const { id } = (yield* pop({ threads: 2 })).body
      yield* TestClock.adjust("4 seconds")
      yield* deliver(id)
      const seen = (yield* model("stable_diffusion"))[0]
      assert.include(seen, { count: 2, jobs: 1, queued: 10 * 512 ** 2, performance: (10 * 512 ** 2) / 4, eta: 2 })
      assert.deepStrictEqual((yield* nobody("GET", "/v2/status/models")).body, [seen])
      assert.deepStrictEqual(yield* model("nothing"), [])
    }).pipe(embedded())
  )

  it.effect("models are selected by kind, threads and state", () =>
    Effect.gen(function* () {
      const names = (query: string) =>
        Effect.map(nobody("GET", `/v2/status/models${query}`), ({ body }) => body.map(({ name }: any) => name))
      yield* pop({ models: ["stable_diffusion", "my own"], threads: 2 }, "customizer_aaaaaaaa_07")
      assert.deepStrictEqual(yield* names(""), ["stable_diffusion", "my own"])
      assert.deepStrictEqual(yield* names("?model_state=known"), ["stable_diffusion"])
      assert.deepStrictEqual(yield* names("?model_state=custom"), ["my own"])
      assert.deepStrictEqual(yield* names("?min_count=3"), [])
      assert.deepStrictEqual(yield* names("?max_count=2&type=image"), ["stable_diffusion", "my own"])
      assert.deepStrictEqual(yield* names("?type=text"), ["koboldcpp/LLaMA"])
      assert.deepStrictEqual(refusal(yield* nobody("GET", "/v2/status/models?model_state=new")), [400, "BadRequest"])
    }).pipe(
      embedded({
        textWorker: { models: ["koboldcpp/LLaMA"] },
        accounts: [
          { role: "customizer", apiKey: "customizer_aaaaaaaa_07", id: 7, alias: "c", kudos: 0, customizer: true }
        ]
      })
    )
  )

  it.effect("a name with a slash must be encoded twice", () =>
    Effect.gen(function* () {
      const once = yield* nobody("GET", `/v2/status/models/${encodeURIComponent("koboldcpp/LLaMA")}`)
      assert.strictEqual(once.status, 404)
      assert.include(once.headers["content-type"], "text/html")
      const twice = (yield* model(encodeURIComponent(encodeURIComponent("koboldcpp/LLaMA"))))[0]
      assert.include(twice, { name: "koboldcpp/LLaMA", type: "text", count: 1 })
    }).pipe(embedded({ textWorker: {} }))
  )

  it.effect("the performance counts what waits and what was delivered in the last minute", () =>
    Effect.gen(function* () {
      const seen = Effect.map(nobody("GET", "/v2/status/performance"), ({ body }) => body)
      yield* submit("a bay", { n: 2 })
      yield* submitText({ params: { max_length: 100, n: 3 } })
      assert.deepStrictEqual(yield* seen, {
        queued_requests: 2,
        queued_text_requests: 3,
        worker_count: 1,
        text_worker_count: 1,
        thread_count: 1,
        text_thread_count: 1,
        queued_megapixelsteps: 1.05,
        past_minute_megapixelsteps: 0,
        queued_forms: 0,
        interrogator_count: 1,
        interrogator_thread_count: 1,
        queued_tokens: 300,
        past_minute_tokens: 0
      })
      yield* TestClock.adjust("20 seconds")
      assert.include(yield* seen, { queued_requests: 0, past_minute_megapixelsteps: 1.05, queued_tokens: 0 })
      assert.isAbove((yield* seen)["past_minute_tokens"], 0)
      yield* TestClock.adjust("1 minute")
      assert.include(yield* seen, { past_minute_megapixelsteps: 0, past_minute_tokens: 0 })
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("the documents for programs exist on newer servers only", () =>
    Effect.gen(function* () {
      const { body: samplers } = yield* nobody("GET", "/v2/status/sampler_constraints")
      assert.strictEqual(samplers["schema_version"], "1.0")
      assert.property(samplers["samplers"], "k_euler")
      const { body: styles } = yield* nobody("GET", "/v2/status/style_contract")
      assert.deepStrictEqual(styles["image"].placeholders, ["p", "np"])
      const { style_create_rate_limits, style_modify_rate_limits } = styles["image"]
      assert.deepStrictEqual(style_create_rate_limits, ["90/minute", "2/second"])
      assert.deepStrictEqual(style_modify_rate_limits, ["20/hour", "2/second"])
      for (const name of ["sampler_constraints", "style_contract"]) {
        const older = yield* nobody("GET", `/v2/status/${name}`).pipe(embedded({ exposesRequests: false }))
        assert.strictEqual(older.status, 404)
      }
    }).pipe(embedded())
  )
})

describe("statistics", () => {
  const totals = (kind: string) => Effect.map(nobody("GET", `/v2/stats/${kind}/totals`), ({ body }) => body)
  const models = (kind: string) => Effect.map(nobody("GET", `/v2/stats/${kind}/models`), ({ body }) => body)

  it.effect("totals are counted every minute, models and all-time totals every day", () =>
    Effect.gen(function* () {
      const none = { images: 0, ps: 0 }
      yield* submit("a bay", { n: 2 })
      yield* submitText()
      yield* TestClock.adjust("58 seconds")
      const nothing = { minute: none, hour: none, day: none, month: none, total: none }
      assert.deepStrictEqual(yield* totals("img"), nothing)
      yield* TestClock.adjust("50 seconds")
      const some = { images: 2, ps: 2 * 8 * 256 ** 2 }
      assert.deepStrictEqual(yield* totals("img"), { ...nothing, minute: some, hour: some, day: some, month: some })
      assert.strictEqual((yield* totals("text"))["hour"].requests, 1)
      assert.deepStrictEqual(yield* models("img"), { day: {}, month: {}, total: {} })
      yield* TestClock.adjust("1 hour")
      assert.deepInclude(yield* totals("img"), { minute: none, hour: none, day: some, total: none })
      yield* TestClock.adjust("23 hours")
      assert.deepInclude(yield* totals("img"), { day: none, month: some, total: some })
      const counts = { stable_diffusion: 2 }
      assert.deepStrictEqual(yield* models("img"), { day: counts, month: counts, total: counts })
      assert.deepStrictEqual((yield* models("text"))["day"], { "koboldcpp/LLaMA": 1 })
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("models are selected by their state", () =>
    Effect.gen(function* () {
      const body = { prompt: "a bay", models: ["my own"] }
      yield* call("POST", "/v2/generate/async", { key: Accounts.plainKey, body })
      yield* TestClock.adjust("25 hours")
      const of = (state: string) =>
        Effect.map(nobody("GET", `/v2/stats/img/models?model_state=${state}`), ({ body }) => body["total"])
      assert.deepStrictEqual(yield* of("custom"), { "my own": 1 })
      assert.deepStrictEqual(yield* of("all"), { "my own": 1 })
      assert.deepStrictEqual((yield* models("img"))["total"], {})
    }).pipe(embedded({ worker: { models: ["my own"] } }))
  )
})

describe("news and documents", () => {
  it.effect("the newest news come first", () =>
    Effect.gen(function* () {
      const dates = (yield* nobody("GET", "/v2/status/news")).body.map(({ date_published }: any) => date_published)
      assert.deepStrictEqual(dates, [...dates].sort().reverse())
    }).pipe(embedded())
  )

  it.effect("documents are HTML or Markdown, and say that this is an embedded horde", () =>
    Effect.gen(function* () {
      for (const name of ["terms", "privacy", "sponsors"]) {
        const { body: html } = yield* nobody("GET", `/v2/documents/${name}`)
        const { body: markdown } = yield* nobody("GET", `/v2/documents/${name}?format=markdown`)
        assert.deepStrictEqual([Object.keys(html), Object.keys(markdown)], [["html"], ["markdown"]])
        assert.match(html["html"], /^<!--[\s\S]*embedded horde/)
        assert.match(markdown["markdown"], /^# [\s\S]*embedded horde/)
        assert.deepStrictEqual(refusal(yield* nobody("GET", `/v2/documents/${name}?format=pdf`)), [400, "BadRequest"])
      }
    }).pipe(embedded())
  )
})
