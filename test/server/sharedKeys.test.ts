import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, check, status, submit, theJob } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

const create = (body: object, key = Accounts.ownerKey) => call("PUT", "/v2/sharedkeys", { key, body })

describe("shared keys", () => {
  it.effect("a shared key stores published fields and omits unset ones", () =>
    Effect.gen(function* () {
      const { body, status } = yield* create({ kudos: 500, name: "demo", expiry: 7 })
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body, {
        id: body["id"],
        username: "owner#1",
        name: "demo",
        kudos: 500,
        expiry: "Thu, 08 Jan 1970 00:00:00 -0000",
        utilized: 0,
        max_image_pixels: -1,
        max_image_steps: -1,
        max_text_tokens: -1
      })
      const bare = yield* create({})
      assert.notProperty(bare.body, "name")
      assert.notProperty(bare.body, "expiry")
    }).pipe(embedded())
  )

  it.effect("a shared key accepts all that can be read as a number, beyond the published bounds too", () =>
    Effect.gen(function* () {
      const read = yield* create({ kudos: "12", expiry: "3", max_image_steps: 1.9, max_text_tokens: true, name: 5 })
      assert.include(read.body, {
        kudos: 12,
        expiry: "Sun, 04 Jan 1970 00:00:00 -0000",
        max_image_steps: 1,
        max_text_tokens: 1,
        name: "5"
      })
      const wild = yield* create({ kudos: -7, expiry: -5, name: "x", max_image_pixels: 99_999_999, max_image_steps: 0 })
      assert.include(wild.body, {
        kudos: -7,
        expiry: "Sat, 27 Dec 1969 00:00:00 -0000",
        name: "x",
        max_image_pixels: 99_999_999,
        max_image_steps: 0
      })
      assert.deepStrictEqual(Object.keys((yield* create({ max_image_pixels: [1] })).body["errors"]), [
        "max_image_pixels"
      ])
    }).pipe(embedded())
  )

  it.effect("a modified shared key expires at once, never, or at a given time", () =>
    Effect.gen(function* () {
      const { body } = yield* create({ kudos: 5, expiry: 1 })
      const modify = (change: object) =>
        Effect.map(
          call("PATCH", `/v2/sharedkeys/${body["id"]}`, { key: Accounts.ownerKey, body: change }),
          ({ body }) => body["expiry"]
        )
      assert.strictEqual(yield* modify({ expiry: 0 }), "Thu, 01 Jan 1970 00:00:00 -0000")
      assert.isUndefined(yield* modify({ expiry: -1 }))
      assert.isUndefined(yield* modify({ kudos: 6, expiry: null }))
      assert.strictEqual(yield* modify({ expiry: 2 }), "Sat, 03 Jan 1970 00:00:00 -0000")
    }).pipe(embedded())
  )

  it.effect("a shared key pays from its owner's account, and its balance changes a minute later", () =>
    Effect.gen(function* () {
      const { body } = yield* create({ kudos: 100 })
      const path = `/v2/sharedkeys/${body["id"]}`
      yield* call("GET", path)
      yield* submit("a bay", { key: body["id"] })
      assert.strictEqual((yield* theJob).account, "owner")
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* call("GET", path)).body["kudos"], 100)
      yield* TestClock.adjust("30 seconds")
      const spent = (yield* call("GET", path)).body
      assert.isBelow(spent["kudos"], 97)
      assert.strictEqual(spent["kudos"] + spent["utilized"], 100)
      const server = yield* HordeServer.HordeServer
      const exchanges = yield* server.exchanges
      assert.strictEqual(exchanges.find(({ method }) => method === "POST")?.account, "owner")
    }).pipe(embedded())
  )

  it.effect("a deleted shared key removes its waiting jobs", () =>
    Effect.gen(function* () {
      const { body } = yield* create({ kudos: 100 })
      const id = yield* submit("a bay", { key: body["id"] })
      assert.strictEqual(
        (yield* call("DELETE", `/v2/sharedkeys/${body["id"]}`, { key: Accounts.ownerKey })).status,
        200
      )
      assert.strictEqual((yield* call("GET", `/v2/generate/check/${id}`)).status, 404)
      assert.strictEqual((yield* theJob).state, "expired")
    }).pipe(embedded())
  )

  it.effect("an empty or expired shared key is refused", () =>
    Effect.gen(function* () {
      const empty = (yield* create({ kudos: 0 })).body["id"]
      const body = { prompt: "a bay" }
      assert.strictEqual((yield* call("POST", "/v2/generate/async", { key: empty, body })).body["rc"], "SharedKeyEmpty")
      const brief = (yield* create({ expiry: 1 })).body["id"]
      yield* TestClock.adjust("1 day")
      assert.strictEqual(
        (yield* call("POST", "/v2/generate/async", { key: brief, body })).body["rc"],
        "SharedKeyExpired"
      )
      assert.strictEqual((yield* call("GET", `/v2/sharedkeys/${brief}`)).status, 200)
    }).pipe(embedded())
  )

  it.effect("an account may have 3 shared keys, a trusted one 10, and the anonymous one none", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      const held = (key: string) =>
        Effect.gen(function* () {
          for (let count = 0; ; count++) {
            yield* server.emptyLimiter
            const { body, status } = yield* create({}, key)
            if (status !== 200) return [count, body["rc"]]
          }
        })
      assert.deepStrictEqual(yield* held(Accounts.plainKey), [3, "Forbidden"])
      assert.deepStrictEqual(yield* held(Accounts.ownerKey), [10, "Forbidden"])
      assert.deepStrictEqual(yield* held(Accounts.anonymousKey), [0, "AnonForbidden"])
    }).pipe(embedded())
  )

  it.effect("a shared key authorises nothing but generation", () =>
    Effect.gen(function* () {
      const { body } = yield* create({})
      assert.strictEqual((yield* create({}, body["id"])).body["rc"], "InvalidAPIKey")
    }).pipe(embedded())
  )
})

describe("field masks", () => {
  it.effect("a mask reduces a reply, nested fields too", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      yield* TestClock.adjust("3 seconds")
      const masked = yield* call("GET", `/v2/generate/status/${id}`, {
        headers: { "X-Fields": "done,generations{seed}" }
      })
      const [generation] = (yield* status(id))["generations"]
      assert.deepStrictEqual(masked.body, { done: true, generations: [{ seed: generation.seed }] })
    }).pipe(embedded())
  )

  it.effect("a masked reply is returned to the next caller while it is cached", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      yield* call("GET", `/v2/generate/check/${id}`, { headers: { "X-Fields": "waiting" } })
      assert.deepStrictEqual(yield* check(id), { waiting: 1 })
    }).pipe(embedded())
  )
})
