import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, cancel, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

const user = (id: string, key?: string, headers: Record<string, string> = {}) =>
  call("GET", `/v2/users/${id}`, { headers, ...(key === undefined ? {} : { key }) })

const find = (key: string) => call("GET", "/v2/find_user", { key })

const keyWith = (body: object) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key: Accounts.ownerKey, body }), ({ body }) => body["id"] as string)

const activeOf = (id: string, key: string) =>
  Effect.map(user(id, key), ({ body }) => body["active_generations"] as unknown)

const ofTheOwner = ["worker_ids", "sharedkey_ids", "vpn", "special", "active_generations"]
const ofModerators = ["evaluating_kudos", "monthly_kudos", "suspicious"]

describe("users/id", () => {
  it.effect("users/id returns the caller's own account like find_user", () =>
    Effect.gen(function* () {
      yield* submit("a bay")
      const { body, headers, status } = yield* user("2", Accounts.plainKey)
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["x-ratelimit-limit"], "60")
      assert.deepStrictEqual(body, (yield* find(Accounts.plainKey)).body)
      for (const field of ofTheOwner) assert.property(body, field)
      for (const field of ofModerators) assert.notProperty(body, field)
    }).pipe(embedded())
  )

  it.effect("users/id returns the public part of other accounts, and more to moderators", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      for (const key of [undefined, Accounts.workerKey, Accounts.anonymousKey]) {
        const { body } = yield* user("2", key)
        assert.include(body, { username: "plain#2", id: 2, kudos: 497, trusted: false })
        for (const field of [...ofTheOwner, ...ofModerators]) assert.notProperty(body, field)
      }
      const { body } = yield* user("2", Accounts.ownerKey)
      for (const field of [...ofTheOwner, ...ofModerators]) assert.property(body, field)
      assert.deepStrictEqual(body["active_generations"], { image: [id] })
      // also of a moderator's own account
      assert.property((yield* user("1", Accounts.ownerKey)).body, "evaluating_kudos")
    }).pipe(embedded())
  )

  it.effect("users/id shows the kudos that are held back to moderators", () =>
    Effect.gen(function* () {
      yield* submit("a bay")
      yield* TestClock.adjust("5 seconds")
      const { body } = yield* user("3", Accounts.ownerKey)
      assert.isAbove(body["evaluating_kudos"] as number, 0)
      assert.strictEqual(body["evaluating_kudos"], body["kudos"])
      assert.strictEqual((yield* user("2", Accounts.ownerKey)).body["evaluating_kudos"], 0)
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("users/id refuses unknown numbers and unknown keys", () =>
    Effect.gen(function* () {
      for (const id of ["999", "abc", "-1", "2.0", "plain%232"]) {
        const { body, status } = yield* user(id)
        assert.deepStrictEqual([status, body["rc"]], [404, "UserNotFound"], id)
      }
      for (const key of ["a_secret_of_somebody", yield* keyWith({})]) {
        const { body, status } = yield* user("1", key)
        assert.deepStrictEqual([status, body["rc"]], [401, "InvalidAPIKey"])
      }
    }).pipe(embedded())
  )

  it.effect("users/id caches a reply for half a minute per level of access", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* activeOf("2", Accounts.plainKey))
      const id = yield* submit("a bay")
      yield* TestClock.adjust("29 seconds")
      assert.isUndefined(yield* activeOf("2", Accounts.plainKey))
      assert.deepStrictEqual(yield* activeOf("2", Accounts.ownerKey), { image: [id] })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* activeOf("2", Accounts.plainKey), { image: [id] })
    }).pipe(embedded())
  )

  it.effect("users/id has a cache separate from that of find_user", () =>
    Effect.gen(function* () {
      yield* find(Accounts.plainKey)
      const id = yield* submit("a bay")
      assert.notProperty((yield* find(Accounts.plainKey)).body, "active_generations")
      assert.deepStrictEqual(yield* activeOf("2", Accounts.plainKey), { image: [id] })
    }).pipe(embedded())
  )

  it.effect("a new shared key empties the cache of users/id", () =>
    Effect.gen(function* () {
      yield* user("1")
      yield* user("1", Accounts.ownerKey)
      yield* submit("a bay", { key: Accounts.ownerKey })
      assert.strictEqual((yield* user("1")).body["kudos"], 10_000)
      const shared = yield* keyWith({})
      const { body } = yield* user("1", Accounts.ownerKey)
      assert.deepStrictEqual([body["kudos"], body["sharedkey_ids"]], [9997, [shared]])
      assert.strictEqual((yield* user("1")).body["kudos"], 9997)
    }).pipe(embedded())
  )

  it.effect("users/id lists jobs until they expire, whatever their state, and none of the anonymous account", () =>
    Effect.gen(function* () {
      const stale = TestClock.adjust("30 seconds")
      const done = yield* submit("a bay")
      yield* stale
      const cancelled = yield* submit("a bay")
      yield* cancel(cancelled)
      yield* submit("a bay", { key: Accounts.anonymousKey })
      const server = yield* HordeServer.HordeServer
      assert.deepStrictEqual(
        (yield* server.jobs).map(({ state }) => state),
        ["finished", "cancelled", "waiting"]
      )
      assert.deepStrictEqual(yield* activeOf("2", Accounts.plainKey), { image: [done, cancelled] })
      const anonymous = (yield* user("0", Accounts.anonymousKey)).body
      assert.deepStrictEqual([anonymous["id"], anonymous["sharedkey_ids"]], [0, []])
      assert.notProperty(anonymous, "active_generations")
      yield* TestClock.adjust("22 minutes")
      assert.isUndefined(yield* activeOf("2", Accounts.plainKey))
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("X-Fields of users/id affect the caller alone", () =>
    Effect.gen(function* () {
      const cut = yield* user("2", Accounts.plainKey, { "x-fields": "id,kudos" })
      assert.deepStrictEqual(cut.body, { id: 2, kudos: 500 })
      assert.strictEqual((yield* user("2", Accounts.plainKey)).body["username"], "plain#2")
    }).pipe(embedded())
  )
})
