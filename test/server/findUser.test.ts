import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { pop } from "./outside.js"
import { call, cancel, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

const find = (key?: string, headers: Record<string, string> = {}) =>
  call("GET", "/v2/find_user", { headers, ...(key === undefined ? {} : { key }) })

const keyWith = (body: object) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key: Accounts.ownerKey, body }), ({ body }) => body["id"] as string)

const stale = TestClock.adjust("30 seconds")

describe("find_user", () => {
  it.effect("find_user returns all details of the caller's account", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("70 seconds")
      const zeros = { megapixelsteps: 0, tokens: 0 }
      const none = { image: 0, text: 0, interrogation: 0 }
      const { body, status } = yield* find(Accounts.plainKey)
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body, {
        username: "plain#2",
        id: 2,
        kudos: 500,
        concurrency: 30,
        worker_invited: 0,
        moderator: false,
        kudos_details: {
          accumulated: 0,
          gifted: 0,
          donated: 0,
          admin: 0,
          received: 0,
          recurring: 0,
          awarded: 0,
          styled: 0
        },
        worker_count: 0,
        worker_ids: [],
        styles: [],
        sharedkey_ids: [],
        trusted: false,
        flagged: false,
        vpn: false,
        service: false,
        education: false,
        customizer: false,
        special: false,
        deleted: false,
        pseudonymous: false,
        account_age: 70,
        usage: { megapixelsteps: null, requests: null },
        contributions: { megapixelsteps: null, fulfillments: null },
        records: { usage: zeros, contribution: zeros, fulfillment: none, request: none, style: none }
      })
      assert.include((yield* find(Accounts.ownerKey)).body, { moderator: true, trusted: true, kudos: 10_000 })
    }).pipe(embedded())
  )

  it.effect("find_user returns the public part of the owner and the key's name to a shared key", () =>
    Effect.gen(function* () {
      const [bare, named] = [yield* keyWith({}), yield* keyWith({ name: "for friends" })]
      const { body } = yield* find(bare)
      assert.include(body, { username: "owner#1 (Shared Key)", id: 1, moderator: true, worker_count: 0 })
      for (const own of ["worker_ids", "sharedkey_ids", "vpn", "special", "active_generations"]) {
        assert.notProperty(body, own)
      }
      assert.strictEqual((yield* find(named)).body["username"], "owner#1 (Shared Key: for friends)")
      assert.deepStrictEqual((yield* find(Accounts.ownerKey)).body["sharedkey_ids"], [bare, named])
    }).pipe(embedded())
  )

  it.effect("find_user refuses unknown keys and quotes them", () =>
    Effect.gen(function* () {
      const none = yield* find()
      assert.deepStrictEqual([none.status, none.body["rc"]], [401, "InvalidAPIKey"])
      for (const key of ["a_secret_of_somebody", "00000000-0000-4000-8000-000000000000"]) {
        const { body, status } = yield* find(key)
        assert.deepStrictEqual([status, body["rc"]], [404, "UserNotFound"])
        assert.include(body["message"], key)
      }
    }).pipe(embedded())
  )

  it.effect("find_user caches an account for half a minute, or until a new shared key", () =>
    Effect.gen(function* () {
      const kudos = (key: string) => Effect.map(find(key), ({ body }) => body["kudos"])
      const shared = yield* keyWith({})
      assert.strictEqual(yield* kudos(Accounts.ownerKey), 10_000)
      assert.strictEqual(yield* kudos(shared), 10_000)
      yield* submit("a bay", { key: Accounts.ownerKey })
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* kudos(Accounts.ownerKey), 10_000)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* kudos(Accounts.ownerKey), 9997)
      assert.strictEqual(yield* kudos(shared), 9997)
      yield* submit("a bay", { key: Accounts.ownerKey })
      yield* keyWith({})
      assert.strictEqual(yield* kudos(Accounts.ownerKey), 9994)
    }).pipe(embedded())
  )

  it.effect(
    "find_user lists the account's jobs until they expire, cancelled or not, and none of the anonymous account",
    () =>
      Effect.gen(function* () {
        const active = (key: string) =>
          Effect.zipRight(
            stale,
            Effect.map(find(key), ({ body }) => body["active_generations"])
          )
        const one = yield* submit("a bay")
        const two = yield* submit("a bay")
        assert.deepStrictEqual(yield* active(Accounts.plainKey), { image: [one, two] })
        yield* cancel(two)
        assert.deepStrictEqual(yield* active(Accounts.plainKey), { image: [one, two] })
        assert.include((yield* find(Accounts.plainKey)).body["records"].request, { image: 2 })
        yield* submit("a bay", { key: Accounts.anonymousKey })
        assert.isUndefined(yield* active(Accounts.anonymousKey))
        yield* TestClock.adjust("21 minutes")
        assert.isUndefined(yield* active(Accounts.plainKey))
      }).pipe(embedded())
  )

  it.effect("find_user counts workers and their work", () =>
    Effect.gen(function* () {
      yield* submit("a bay")
      yield* TestClock.adjust("3 seconds")
      const own = (yield* find(Accounts.workerKey)).body
      assert.strictEqual(own["worker_count"], 1)
      assert.include(own["records"].fulfillment, { image: 1 })
      yield* pop({ name: "w1" })
      yield* stale
      const { worker_count, worker_ids } = (yield* find(Accounts.workerKey)).body
      assert.strictEqual(worker_count, 2)
      assert.strictEqual(worker_ids[0], own["worker_ids"][0])
      assert.lengthOf(worker_ids, 2)
    }).pipe(embedded({ worker: {}, textWorker: false, alchemyWorker: false }))
  )

  it.effect("X-Fields of find_user affect the caller alone", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* find(Accounts.plainKey, { "x-fields": "id,kudos" })).body, { id: 2, kudos: 500 })
      assert.strictEqual((yield* find(Accounts.plainKey)).body["username"], "plain#2")
    }).pipe(embedded())
  )
})
