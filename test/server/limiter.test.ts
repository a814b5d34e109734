import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

const times = <A, E, R>(count: number, effect: Effect.Effect<A, E, R>) =>
  Effect.all(Array.from({ length: count }, () => effect))

const unknown = "00000000-0000-4000-8000-000000000000"

describe("the server's limiter", () => {
  it.effect("a window opens with its first request, and its headers say when it closes", () =>
    Effect.gen(function* () {
      const ask = call("GET", `/v2/generate/check/${unknown}`)
      yield* TestClock.adjust("2500 millis")
      const answers = yield* times(11, ask)
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [...Array.from({ length: 10 }, () => 404), 429]
      )
      const refused = answers.at(-1)
      assert.deepStrictEqual(refused?.body, { message: "10 per 1 second" })
      assert.include(refused?.headers, {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "4",
        "retry-after": "1"
      })
      yield* TestClock.adjust("999 millis")
      assert.strictEqual((yield* ask).status, 429)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* ask).headers["x-ratelimit-remaining"], "9")
    }).pipe(embedded())
  )

  it.effect("windows count by path, endpoint or API key, and refused requests too", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      // The endpoint: all ids and methods together.
      yield* times(89, call("GET", `/v2/sharedkeys/${unknown}`))
      assert.strictEqual((yield* call("DELETE", "/v2/sharedkeys/else", { key: Accounts.plainKey })).status, 401)
      assert.deepStrictEqual((yield* call("GET", "/v2/sharedkeys/another")).body, { message: "90 per 1 minute" })
      // The path: another id and another method have their own windows.
      yield* times(10, call("GET", `/v2/generate/status/${unknown}`))
      assert.strictEqual((yield* call("GET", `/v2/generate/status/${unknown}`)).status, 429)
      assert.strictEqual((yield* call("DELETE", `/v2/generate/status/${unknown}`)).status, 404)
      assert.strictEqual((yield* call("GET", "/v2/generate/status/else")).status, 404)
      // The API key: another address does not help.
      const from = (ip: string, key: string) =>
        call("POST", "/v2/generate/async", { key, body: { prompt: "" }, headers: { "x-forwarded-for": ip } })
      assert.strictEqual((yield* from("10.0.0.1", Accounts.plainKey)).status, 400)
      assert.strictEqual((yield* from("10.0.0.2", Accounts.plainKey)).status, 400)
      assert.deepStrictEqual((yield* from("10.0.0.3", Accounts.plainKey)).body, { message: "2 per 1 second" })
      assert.strictEqual((yield* from("10.0.0.3", Accounts.workerKey)).status, 400)
      yield* server.emptyLimiter
      assert.strictEqual((yield* from("10.0.0.3", Accounts.plainKey)).status, 400)
    }).pipe(embedded())
  )

  it.effect("an address from which a trusted account has generated has higher limits for a day", () =>
    Effect.gen(function* () {
      const limit = Effect.map(
        call("POST", "/v2/generate/async", { key: Accounts.plainKey, body: { prompt: "" } }),
        ({ headers }) => headers["x-ratelimit-limit"]
      )
      assert.strictEqual(yield* limit, "2")
      yield* submit("a bay", { key: Accounts.ownerKey })
      assert.strictEqual(yield* limit, "10")
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* limit, "2")
    }).pipe(embedded())
  )

  it.effect("the heartbeat and unknown paths have no limits", () =>
    Effect.gen(function* () {
      for (const path of ["/v2/status/heartbeat", "/v2/nothing"]) {
        assert.notProperty((yield* call("GET", path)).headers, "retry-after")
      }
    }).pipe(embedded())
  )
})
