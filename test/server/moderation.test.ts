import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { embedded, nobody, owner, plain, refusal, reply, stranger, worker } from "./calls.js"
import { deliver, pop } from "./outside.js"
import { call, submit, theJob } from "./raw.js"

const addFilter = (regex: string, filter_type: number, more: object = {}) =>
  Effect.map(owner("PUT", "/v2/filters", { regex, filter_type, ...more }), ({ body }) => body)

const minute = TestClock.adjust("1 minute")

const ask = (prompt: string, more: object = {}, as = plain) =>
  as("POST", "/v2/generate/async", { prompt, r2: false, ...more })

/** Filters that refuse a prompt with both words. */
const twoFilters = Effect.gen(function* () {
  yield* addFilter("bad", 10)
  yield* addFilter("worse", 20, { replacement: "better" })
  yield* minute
})

describe("filters", () => {
  it.effect("moderators add, change and delete filters", () =>
    Effect.gen(function* () {
      const filter = yield* addFilter("bad", 10, { description: "a test" })
      const seen = { id: "1", regex: "bad", filter_type: 10, description: "a test", replacement: "", user: "owner#1" }
      assert.deepStrictEqual(filter, seen)
      // the same filter is not added twice
      assert.include(yield* addFilter("bad", 10), { id: "1" })
      assert.include(yield* addFilter("bad", 20), { id: "2" })
      assert.deepStrictEqual((yield* owner("GET", "/v2/filters/1")).body, seen)
      const changed = yield* owner("PATCH", "/v2/filters/1", { regex: "worse" })
      assert.deepStrictEqual(changed.body, { ...seen, regex: "worse" })
      const ids = (query: string) =>
        Effect.map(owner("GET", `/v2/filters${query}`), ({ body }) => body.map(({ id }: any) => id))
      assert.deepStrictEqual(yield* ids(""), ["1", "2"])
      assert.deepStrictEqual(yield* ids("?filter_type=20"), ["2"])
      assert.deepStrictEqual(yield* ids("?contains=test"), ["1"])
      assert.deepStrictEqual(reply(yield* owner("DELETE", "/v2/filters/1")), [200, { message: "OK" }])
      assert.deepStrictEqual(yield* ids(""), ["2"])
      assert.include(yield* addFilter("new", 10), { id: "3" })
    }).pipe(embedded())
  )

  it.effect("a change takes effect at the next full minute", () =>
    Effect.gen(function* () {
      const suspicion = Effect.map(owner("POST", "/v2/filters", { prompt: "a bad day" }), ({ body }) => body)
      const regex = Effect.map(owner("GET", "/v2/filters/regex?filter_type=11"), ({ body }) => body[0])
      yield* addFilter("b.d", 11)
      yield* addFilter("day", 11)
      assert.deepStrictEqual(yield* suspicion, { suspicion: "0", matches: [] })
      assert.deepStrictEqual(yield* regex, { filter_type: 11 })
      yield* minute
      assert.deepStrictEqual(yield* suspicion, { suspicion: "1", matches: ["bad"] })
      assert.deepStrictEqual(yield* regex, { filter_type: 11, regex: "b.d|day" })
      yield* owner("DELETE", "/v2/filters/1")
      assert.deepStrictEqual(yield* suspicion, { suspicion: "1", matches: ["bad"] })
      yield* minute
      assert.deepStrictEqual(yield* suspicion, { suspicion: "1", matches: ["day"] })
      yield* TestClock.adjust("90 seconds")
      yield* addFilter("a", 20)
      assert.include(yield* suspicion, { suspicion: "1" })
      yield* TestClock.adjust("30 seconds")
      assert.include(yield* suspicion, { suspicion: "2" })
    }).pipe(embedded())
  )

  it.effect("a prompt is refused if both groups of filters match its positive part", () =>
    Effect.gen(function* () {
      yield* twoFilters
      const plainly = { replacement_filter: false }
      assert.strictEqual((yield* ask("a bad day", plainly)).status, 202)
      assert.strictEqual((yield* ask("a bad day ### worse", plainly)).status, 202)
      assert.deepStrictEqual(refusal(yield* ask("a BAD day, and worse", plainly)), [400, "CorruptPrompt"])
      const tested = yield* owner("POST", "/v2/filters", { prompt: "bad and worse" })
      assert.deepStrictEqual(tested.body, { suspicion: "2", matches: ["bad", "worse"] })
      const user = yield* owner("GET", "/v2/users/2")
      assert.include(user.body, { suspicious: 1 })
      // texts are not filtered
      const text = yield* plain("POST", "/v2/generate/text/async", { prompt: "bad and worse" })
      assert.strictEqual(text.status, 202)
    }).pipe(embedded())
  )

  it.effect("a request may let the matches be replaced", () =>
    Effect.gen(function* () {
      yield* twoFilters
      assert.strictEqual((yield* ask("a bad and worse day ### worse")).status, 202)
      assert.include(yield* theJob, { prompt: "a  and better day ### worse" })
      assert.deepStrictEqual(refusal(yield* ask(`bad worse ${"x".repeat(7000)}`)), [400, "BadRequest"])
      yield* addFilter(".*", 10)
      yield* minute
      assert.deepStrictEqual(refusal(yield* ask("bad and worse")), [400, "CorruptPrompt"])
    }).pipe(embedded())
  )

  it.effect("only moderators use filters", () =>
    Effect.gen(function* () {
      yield* addFilter("bad", 10)
      assert.deepStrictEqual(refusal(yield* nobody("GET", "/v2/filters")), [400, ["apikey"]])
      assert.deepStrictEqual(refusal(yield* stranger("GET", "/v2/filters")), [401, "InvalidAPIKey"])
      for (const refused of [
        plain("GET", "/v2/filters"),
        plain("GET", "/v2/filters/1"),
        plain("GET", "/v2/filters/regex"),
        plain("PUT", "/v2/filters", { regex: "x", filter_type: 10 }),
        plain("POST", "/v2/filters", { prompt: "x" }),
        plain("PATCH", "/v2/filters/1", { regex: "x" }),
        plain("DELETE", "/v2/filters/1")
      ]) {
        assert.deepStrictEqual(refusal(yield* refused), [403, "NotModerator"])
      }
      assert.deepStrictEqual(refusal(yield* owner("PUT", "/v2/filters", { regex: "x", filter_type: 9 })), [
        400,
        ["filter_type"]
      ])
      assert.deepStrictEqual(refusal(yield* owner("PATCH", "/v2/filters/1", {})), [400, "NoFilterModSelected"])
      assert.deepStrictEqual(refusal(yield* owner("GET", "/v2/filters/x")), [404, "FilterNotFound"])
    }).pipe(embedded())
  )
})

describe("time-outs of IP addresses", () => {
  const from = (ip: string) => ({ headers: { "x-forwarded-for": ip, "client-agent": "test:1:-" } })
  const submitFrom = (ip: string) =>
    Effect.map(plain("POST", "/v2/generate/async", { prompt: "a bay" }, from(ip)), refusal)
  const path = "/v2/operations/ipaddr"

  it.effect("an address in time-out submits no jobs until the end", () =>
    Effect.gen(function* () {
      const { body } = yield* plain("POST", "/v2/generate/async", { prompt: "a bay" })
      yield* owner("POST", path, { ipaddr: "203.0.113.7", hours: 1 })
      assert.deepStrictEqual(yield* submitFrom("203.0.113.7"), [403, "TimeoutIP"])
      assert.strictEqual((yield* submitFrom("203.0.113.8"))[0], 202)
      assert.deepStrictEqual((yield* owner("GET", `${path}/203.0.113.7`)).body, [
        { ipaddr: "203.0.113.7", seconds: 3600 }
      ])
      // a nameless client may not even poll
      const poll = (headers: Record<string, string>) =>
        Effect.map(call("GET", `/v2/generate/check/${body["id"]}`, { headers }), refusal)
      assert.deepStrictEqual(yield* poll({ "x-forwarded-for": "203.0.113.7" }), [403, "Forbidden"])
      assert.strictEqual((yield* poll(from("203.0.113.7").headers))[0], 200)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* submitFrom("203.0.113.7"))[0], 202)
    }).pipe(embedded())
  )

  it.effect("blocks are listed, and affect their addresses", () =>
    Effect.gen(function* () {
      yield* owner("POST", path, { ipaddr: "203.0.113.0/24", hours: 2 })
      yield* owner("POST", path, { ipaddr: "2001:db8::/64", hours: 2 })
      const block = { ipaddr: "203.0.113.0/24", seconds: 7200 }
      assert.deepStrictEqual((yield* owner("GET", path)).body, [block, { ipaddr: "2001:db8::/64", seconds: 7200 }])
      assert.deepStrictEqual((yield* owner("GET", `${path}/203.0.113.99`)).body, [block])
      assert.deepStrictEqual(yield* submitFrom("203.0.113.99"), [403, "TimeoutIP"])
      assert.deepStrictEqual(yield* submitFrom("2001:db8::5"), [403, "TimeoutIP"])
      assert.strictEqual((yield* submitFrom("203.0.114.1"))[0], 202)
      yield* owner("DELETE", path, { ipaddr: "203.0.113.0/24" })
      assert.strictEqual((yield* submitFrom("203.0.113.99"))[0], 202)
    }).pipe(embedded())
  )

  it.effect("a moderator blocks the address of a worker", () =>
    Effect.gen(function* () {
      yield* pop()
      const { body: w1 } = yield* nobody("GET", "/v2/workers/name/w1")
      const block = `/v2/operations/block_worker_ipaddr/${w1["id"]}`
      assert.deepStrictEqual(reply(yield* owner("PUT", block, { days: 1 })), [200, { message: "OK" }])
      assert.deepStrictEqual(refusal(yield* pop()), [403, "TimeoutIP"])
      yield* owner("DELETE", block)
      assert.strictEqual((yield* pop()).status, 200)
    }).pipe(embedded())
  )

  it.effect("requests are refused in the order of the real server", () =>
    Effect.gen(function* () {
      const post = (as: typeof owner, body: object) => Effect.map(as("POST", path, body), refusal)
      assert.deepStrictEqual(yield* post(stranger, { ipaddr: "zzz", hours: 1 }), [400, ["ipaddr"]])
      assert.deepStrictEqual(yield* post(stranger, { ipaddr: "999.1.1.1", hours: 1 }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* post(stranger, { ipaddr: "203.0.113.7", hours: 1 }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* post(worker, { ipaddr: "203.0.113.7", hours: 1 }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* post(owner, { ipaddr: "203.0.113.7", hours: 721 }), [400, ["hours"]])
    }).pipe(embedded())
  )
})

describe("the moderation queue", () => {
  const events = (query = "") =>
    Effect.map(owner("GET", `/v2/operations/moderation/prompts${query}`), ({ body }) => body)
  const ids = (query: string) => Effect.map(events(query), ({ events }) => events.map(({ id }: any) => id))

  it.effect("refused prompts are evidence, and take notes", () =>
    Effect.gen(function* () {
      yield* twoFilters
      yield* ask("bad and worse", { replacement_filter: false, models: ["stable_diffusion"] })
      // moderators may try filters out
      yield* ask("bad and worse", { replacement_filter: false }, owner)
      const note = yield* owner("POST", "/v2/operations/moderation/prompts/1/notes", { note: "seen" })
      assert.strictEqual(note.status, 201)
      assert.include(note.body, { id: 1, author_id: 1, note: "seen" })
      const { events: listed, next_cursor } = yield* events()
      assert.isNull(next_cursor)
      assert.lengthOf(listed, 1)
      assert.deepInclude(listed[0], {
        id: 1,
        user_id: 2,
        reason: "filter_rejection",
        outcome: "rejected",
        submitted_prompt: "bad and worse",
        models: ["stable_diffusion"],
        ipaddr: "127.0.0.1",
        request_id: null,
        notes: [note.body]
      })
      const headers = (yield* owner("GET", "/v2/operations/moderation/prompts")).headers
      assert.strictEqual(headers["cache-control"], "private, no-store")
    }).pipe(embedded())
  )

  it.effect("pictures that a worker censored are evidence too", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay", { r2: false })
      const attempt = (yield* pop()).body["id"]
      yield* deliver(attempt, { gen_metadata: [{ type: "censorship", value: "csam" }] })
      const [event] = (yield* events("?reason=worker_csam")).events
      assert.include(event, { reason: "worker_csam", outcome: "censored", request_id: id, ipaddr: null })
      assert.deepStrictEqual(yield* ids("?reason=filter_rejection"), [])
    }).pipe(embedded())
  )

  it.effect("evidence is paged and selected", () =>
    Effect.gen(function* () {
      yield* twoFilters
      for (const as of [plain, worker, plain]) {
        yield* ask("bad and worse", { replacement_filter: false }, as)
        yield* minute
      }
      assert.deepStrictEqual(yield* ids("?limit=2"), [3, 2])
      assert.strictEqual((yield* events("?limit=2")).next_cursor, 2)
      assert.deepStrictEqual(yield* ids("?limit=2&before_id=2"), [1])
      assert.deepStrictEqual(yield* ids("?user_id=2"), [3, 1])
      assert.deepStrictEqual(yield* ids("?event_id=2"), [2])
      assert.deepStrictEqual(yield* ids("?since=1970-01-01T00:02:00Z&until=1970-01-01T00:03:00Z"), [2])
      const refused = (query: string) => Effect.map(owner("GET", `/v2/operations/moderation/prompts${query}`), refusal)
      assert.deepStrictEqual(yield* refused("?limit=101"), [400, "InvalidOperationsLimit"])
      assert.deepStrictEqual(yield* refused("?before_id=0"), [400, "InvalidOperationsCursor"])
      assert.deepStrictEqual(yield* refused("?since=yesterday"), [400, "InvalidModerationTimeRange"])
    }).pipe(embedded())
  )

  it.effect("notes are refused without a text, or without an event", () =>
    Effect.gen(function* () {
      const post = (note: string) =>
        Effect.map(owner("POST", "/v2/operations/moderation/prompts/9/notes", { note }), refusal)
      assert.deepStrictEqual(yield* post(" "), [400, "InvalidModerationNote"])
      assert.deepStrictEqual(yield* post("x".repeat(2001)), [400, "InvalidModerationNote"])
      assert.deepStrictEqual(yield* post("seen"), [404, "ModerationEventNotFound"])
    }).pipe(embedded())
  )

  it.effect("paused workers wait for a review", () =>
    Effect.gen(function* () {
      yield* pop()
      const { body: w1 } = yield* nobody("GET", "/v2/workers/name/w1")
      const overview = (query = "") => Effect.map(owner("GET", `/v2/operations/moderation${query}`), ({ body }) => body)
      assert.include(yield* overview(), { paused_workers_total: 0 })
      yield* owner("PUT", `/v2/workers/${w1["id"]}`, { paused: true })
      const [paused] = (yield* overview()).paused_workers
      assert.include(paused, { id: w1["id"], name: "w1", type: "image", owner: "worker#3", online: true })
      assert.deepStrictEqual((yield* overview("?worker_type=text")).paused_workers, [])
      assert.deepStrictEqual((yield* overview("?online=false")).paused_workers, [])
      const suspicions = yield* owner("GET", "/v2/operations/moderation/worker_suspicion_events")
      assert.deepStrictEqual(suspicions.body, { events: [], next_cursor: null })
    }).pipe(embedded())
  )

  it.effect("it is for moderators of newer servers", () =>
    Effect.gen(function* () {
      const all = ["", "/prompts", "/worker_suspicion_events"]
      for (const path of all) {
        const refused = yield* plain("GET", `/v2/operations/moderation${path}`)
        assert.deepStrictEqual(refusal(refused), [403, "NotModerator"])
        const older = owner("GET", `/v2/operations/moderation${path}`).pipe(embedded({ exposesRequests: false }))
        assert.strictEqual((yield* older).status, 404)
      }
    }).pipe(embedded())
  )
})
