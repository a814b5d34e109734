import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { deliver, pop } from "./outside.js"
import { call, check, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

/** A shared key of the owner's, by its id. */
const keyWith = (body: object, owner: string = Accounts.ownerKey) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key: owner, body }), ({ body }) => body["id"] as string)

const change = (id: string, body: object) => call("PATCH", `/v2/sharedkeys/${id}`, { key: Accounts.ownerKey, body })

/** The remaining and the used kudos, without the cache: a change without effect returns them. */
const budget = (id: string) =>
  Effect.map(change(id, { max_text_tokens: -1 }), ({ body }) => [body["kudos"], body["utilized"]])

const ask = (key: string, body: object = {}) =>
  call("POST", "/v2/generate/async", { key, body: { prompt: "a bay", params: { steps: 8 }, ...body } })

const balance = (key: string) =>
  Effect.zipRight(
    TestClock.adjust("30 seconds"),
    Effect.map(call("GET", "/v2/find_user", { key }), ({ body }) => body["kudos"] as number)
  )

const verdict = ({ body, status }: { readonly status: number; readonly body: Readonly<Record<string, any>> }) => [
  status,
  body["rc"]
]

/** One ordinary picture by an external worker. */
const work = Effect.flatMap(pop(), ({ body }) => deliver(body["id"], { generation: "abcd" }))

describe("budgets of shared keys", () => {
  it.effect("a budget shrinks with the tax and with each picture, and the owner pays the same", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 100 })
      yield* submit("a bay", { key, n: 2 })
      assert.deepStrictEqual(yield* budget(key), [97, 3])
      yield* work
      yield* work
      const [left, used] = yield* budget(key)
      assert.strictEqual(left + used, 100)
      assert.isAbove(used, 5)
      assert.approximately(yield* balance(Accounts.ownerKey), 10_000 - used, 1)
    }).pipe(embedded())
  )

  it.effect("an exhausted budget stays at zero, and the job continues at its owner's cost", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 9 })
      yield* submit("a bay", { key })
      const id = yield* submit("a bay", { key })
      assert.deepStrictEqual(yield* budget(key), [3, 6])
      yield* work
      const [left, used] = yield* budget(key)
      assert.deepStrictEqual([left, used > 6], [0, true])
      yield* work
      assert.deepStrictEqual(yield* budget(key), [0, used])
      assert.include(yield* check(id), { done: true, finished: 1 })
      // Two taxes, and two pictures at about 4.6.
      assert.approximately(yield* balance(Accounts.ownerKey), 10_000 - 2 * 3 - 2 * 4.6, 0.5)
    }).pipe(embedded())
  )

  it.effect("an unlimited budget counts its use", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: -1 })
      yield* submit("a bay", { key })
      assert.deepStrictEqual(yield* budget(key), [-1, 3])
    }).pipe(embedded())
  )

  it.effect("a job beyond the budget is refused, or gets a low priority with allow_downgrade", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 5 })
      const refused = yield* ask(key)
      assert.deepStrictEqual(verdict(refused), [403, "SharedKeyInsufficientKudos"])
      assert.match(refused.body["message"], /\b6\b.*\b5\b/)
      const downgraded = yield* ask(key, { allow_downgrade: true })
      assert.strictEqual(downgraded.status, 202)
      assert.deepStrictEqual(yield* budget(key), [2, 3])
      // The owner's other job came later and is taken first.
      const usual = yield* ask(Accounts.ownerKey)
      yield* pop()
      assert.include(yield* check(usual.body["id"]), { processing: 1 })
      assert.include(yield* check(downgraded.body["id"]), { processing: 0 })
    }).pipe(embedded())
  )

  it.effect("a job under an empty key becomes anonymous with allow_downgrade", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 0, max_image_steps: 1 })
      assert.deepStrictEqual(verdict(yield* ask(key)), [403, "SharedKeyEmpty"])
      assert.strictEqual((yield* ask(key, { allow_downgrade: true })).status, 202)
      const [job] = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
      assert.strictEqual(job?.account, "anonymous")
      assert.deepStrictEqual(yield* budget(key), [0, 0])
    }).pipe(embedded())
  )

  it.effect("a dry run does not change the budget", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 100 })
      const { body, status } = yield* ask(key, { dry_run: true })
      assert.deepStrictEqual([status, body], [200, { kudos: 6 }])
      assert.deepStrictEqual(yield* budget(key), [100, 0])
    }).pipe(embedded())
  )

  it.effect("an expired key is refused with and without allow_downgrade", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 100, expiry: 1 })
      yield* TestClock.adjust("86399 seconds")
      assert.strictEqual((yield* ask(key)).status, 202)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(verdict(yield* ask(key, { allow_downgrade: true })), [403, "SharedKeyExpired"])
      yield* change(key, { expiry: -1 })
      assert.strictEqual((yield* ask(key)).status, 202)
    }).pipe(embedded())
  )
})

describe("limits of shared keys", () => {
  it.effect("limits apply to a job as it was sent, and the refusal names the limit and the value", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 1000, max_image_pixels: 300_000, max_image_steps: 20 })
      const sized = (width: number, height: number, steps: number) =>
        Effect.map(ask(key, { params: { width, height, steps } }), ({ body, status }) => ({
          status,
          rc: body["rc"],
          facts: [...((body["message"] as string | undefined) ?? "").matchAll(/\d+|pixels|steps/g)].map(
            ([fact]) => fact
          )
        }))
      assert.strictEqual((yield* sized(512, 576, 20)).status, 202)
      const large = { status: 400, rc: "BadRequest", facts: ["300000", "pixels", "409600"] }
      assert.deepStrictEqual(yield* sized(640, 640, 8), large)
      assert.deepStrictEqual(yield* sized(64, 64, 21), { status: 400, rc: "BadRequest", facts: ["20", "steps", "21"] })
      // Many pictures of the allowed size pass.
      assert.strictEqual((yield* ask(key, { params: { steps: 20, n: 4 } })).status, 202)
      // An omitted field counts with the server's default: 30 steps.
      assert.deepStrictEqual(verdict(yield* ask(key, { params: {} })), [400, "BadRequest"])
      const jobs = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
      assert.strictEqual(jobs.length, 2)
    }).pipe(embedded())
  )

  it.effect("a limit of zero forbids all jobs, and a negative one none", () =>
    Effect.gen(function* () {
      const none = yield* keyWith({ max_image_steps: 0 })
      assert.deepStrictEqual(verdict(yield* ask(none)), [400, "BadRequest"])
      const any = yield* keyWith({ max_image_steps: -7 })
      assert.strictEqual((yield* ask(any)).status, 202)
    }).pipe(embedded())
  )
})

describe("deleted shared keys", () => {
  it.effect("a deleted shared key removes its jobs, those of workers too", () =>
    Effect.gen(function* () {
      const key = yield* keyWith({ kudos: 100 })
      const waiting = yield* submit("a bay", { key })
      const running = yield* submit("a bay", { key })
      const { body } = yield* pop()
      yield* call("DELETE", `/v2/sharedkeys/${key}`, { key: Accounts.ownerKey })
      for (const id of [waiting, running]) {
        assert.deepStrictEqual(verdict(yield* call("GET", `/v2/generate/check/${id}`)), [404, "RequestNotFound"])
        assert.deepStrictEqual(verdict(yield* call("DELETE", `/v2/generate/status/${id}`)), [404, "RequestNotFound"])
      }
      assert.deepStrictEqual(verdict(yield* deliver(body["id"])), [404, "InvalidJobID"])
      assert.isNull((yield* pop()).body["id"])
      assert.deepStrictEqual(verdict(yield* ask(key)), [401, "InvalidAPIKey"])
    }).pipe(embedded())
  )
})

describe("kudos transfers", () => {
  const give = (key: string, username: unknown, amount: unknown = 50, headers: Record<string, string> = {}) =>
    Effect.zipRight(
      TestClock.adjust("1 second"),
      call("POST", "/v2/kudos/transfer", { key, body: { username, amount }, headers })
    )

  it.effect("kudos are transferred to another account", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* give(Accounts.plainKey, "owner#1", "75")).body, { transferred: 75 })
      const [plain, owner] = [yield* balance(Accounts.plainKey), yield* balance(Accounts.ownerKey)]
      assert.deepStrictEqual([plain, owner], [425, 10_075])
      const flows = (key: string) =>
        Effect.map(call("GET", "/v2/find_user", { key }), ({ body }) => body["kudos_details"])
      assert.include(yield* flows(Accounts.plainKey), { gifted: -75, received: 0, accumulated: 0 })
      assert.include(yield* flows(Accounts.ownerKey), { gifted: 0, received: 75 })
      // 100 by default.
      yield* TestClock.adjust("1 second")
      const some = yield* call("POST", "/v2/kudos/transfer", { key: Accounts.plainKey, body: { username: "owner#1" } })
      assert.deepStrictEqual(some.body, { transferred: 100 })
    }).pipe(embedded())
  )

  it.effect("kudos for a shared key go to its owner, and to its budget if that is limited", () =>
    Effect.gen(function* () {
      const [some, all] = [yield* keyWith({ kudos: 2 }), yield* keyWith({ kudos: -1 })]
      assert.strictEqual((yield* give(Accounts.plainKey, some)).status, 200)
      assert.strictEqual((yield* give(Accounts.plainKey, all)).status, 200)
      assert.deepStrictEqual(yield* budget(some), [52, 0])
      assert.deepStrictEqual(yield* budget(all), [-1, 0])
      assert.strictEqual(yield* balance(Accounts.ownerKey), 10_100)
    }).pipe(embedded())
  )

  it.effect("refused transfers move no kudos", () =>
    Effect.gen(function* () {
      const owners = yield* keyWith({ kudos: 2 })
      const old = yield* keyWith({ kudos: 2, expiry: -2 })
      const given = (key: string, username: unknown, amount?: unknown) =>
        Effect.map(give(key, username, amount), ({ body, status }) => [
          status,
          body["rc"] ?? Object.keys(body["errors"] ?? {})
        ])
      const { anonymousKey, ownerKey, plainKey } = Accounts
      assert.deepStrictEqual(yield* given("nobody", "owner#1"), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* given(owners, "plain#2"), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* given(plainKey, undefined), [400, ["username"]])
      assert.deepStrictEqual(yield* given(plainKey, "owner#1", "many"), [400, ["amount"]])
      assert.deepStrictEqual(yield* given(anonymousKey, "owner#1"), [400, "KudosTransferFromAnon"])
      assert.deepStrictEqual(yield* given(plainKey, "zzz#999"), [400, "InvalidTargetUsername"])
      assert.deepStrictEqual(yield* given(plainKey, "Anonymous#0"), [400, "KudosTransferToAnon"])
      assert.deepStrictEqual(yield* given(plainKey, "plain#2"), [400, "KudosTransferToSelf"])
      assert.deepStrictEqual(yield* given(ownerKey, owners), [400, "KudosTransferToSelf"])
      assert.deepStrictEqual(yield* given(plainKey, old), [400, "SharedKeyExpired"])
      assert.deepStrictEqual(yield* given(plainKey, "owner#1", -1), [400, "NegativeKudosTransfer"])
      // 25 cannot be transferred.
      assert.deepStrictEqual(yield* given(plainKey, "owner#1", 476), [400, "KudosTransferNotEnough"])
      assert.deepStrictEqual(yield* given(plainKey, "owner#1", 475), [200, []])
      assert.deepStrictEqual(yield* given(ownerKey, "plain#2", 1), [400, "TooFastKudosTransfers"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* given(ownerKey, "plain#2", 1), [200, []])
    }).pipe(embedded())
  )

  it.effect("a transfer with an idempotency key happens once", () =>
    Effect.gen(function* () {
      const headers = { "idempotency-key": "once" }
      for (const _ of [1, 2]) {
        assert.deepStrictEqual((yield* give(Accounts.plainKey, "owner#1", 10, headers)).body, { transferred: 10 })
      }
      const other = yield* give(Accounts.plainKey, "owner#1", 11, headers)
      assert.deepStrictEqual(verdict(other), [400, "IdempotencyKeyConflict"])
      assert.strictEqual(yield* balance(Accounts.plainKey), 490)
    }).pipe(embedded())
  )

  it.effect("an account may make one transfer a second", () =>
    Effect.gen(function* () {
      const body = { username: "owner#1", amount: 1 }
      const once = call("POST", "/v2/kudos/transfer", { key: Accounts.plainKey, body })
      assert.strictEqual((yield* once).status, 200)
      assert.deepStrictEqual((yield* once).body, { message: "1 per 1 second" })
      const other = yield* call("POST", "/v2/kudos/transfer", { key: Accounts.workerKey, body })
      assert.deepStrictEqual(verdict(other), [400, "KudosTransferNotEnough"])
    }).pipe(embedded())
  )

  it.effect("workers earn kudos, of which half is held back from untrusted accounts", () =>
    Effect.gen(function* () {
      yield* submit("a bay", { n: 2 })
      const earned = (key: string, name: string) =>
        Effect.gen(function* () {
          const before = yield* balance(key)
          const { body } = yield* pop({ name }, key)
          const paid = yield* deliver(body["id"], { generation: "abcd" }, key)
          return ((yield* balance(key)) - before) / paid.body["reward"]
        })
      assert.approximately(yield* earned(Accounts.workerKey, "w1"), 0.5, 0.01)
      assert.approximately(yield* earned(Accounts.ownerKey, "w2"), 1, 0.01)
    }).pipe(embedded())
  )
})
