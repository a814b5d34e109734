import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { anonymous, embedded, nobody, owner, plain, refusal, reply, stranger, worker } from "./calls.js"
import { deliver, pop } from "./outside.js"
import { call, submit } from "./raw.js"

const put = (as: typeof owner, body: object, id = 2) => as("PUT", `/v2/users/${id}`, body)

const user = (id: number, as = nobody) => Effect.map(as("GET", `/v2/users/${id}`), ({ body }) => body)

const modKey = "moderator_aaaaaaaaa_07"
const moderator: typeof owner = (method, path, body) => call(method, path, { key: modKey, body })

const withModerator = {
  accounts: [
    ...Accounts.defaults,
    { role: "moderator", apiKey: modKey, id: 7, alias: "moderator", kudos: 0, moderator: true }
  ]
}

const transfer = (as: typeof owner, username: string, amount = 1) =>
  as("POST", "/v2/kudos/transfer", { username, amount })

describe("changes of accounts", () => {
  it.effect("moderators grant roles, which everybody sees", () =>
    Effect.gen(function* () {
      const roles = { trusted: true, customizer: true, service: true, vpn: true, special: true }
      yield* user(2)
      assert.deepStrictEqual(reply(yield* put(owner, roles)), [200, roles])
      // a change renews the cached details
      assert.include(yield* user(2), { trusted: true, customizer: true, service: true, education: false })
      assert.include(yield* user(2, plain), { vpn: true, special: true })
      yield* put(owner, { trusted: false, vpn: false })
      assert.include(yield* user(2, plain), { trusted: false, vpn: false, special: true })
    }).pipe(embedded())
  )

  it.effect("the education role brings a limit with it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* put(owner, { education: true })).body, { education: true, concurrency: 200 })
      assert.deepStrictEqual((yield* put(owner, { education: false })).body, { education: false, concurrency: 30 })
      const both = { education: true, concurrency: 77 }
      assert.deepStrictEqual((yield* put(owner, both)).body, both)
      assert.include(yield* user(2), both)
      assert.deepStrictEqual((yield* put(owner, { concurrency: 1 })).body, { concurrency: 1 })
      const body = { prompt: "a bay", params: { n: 2 } }
      const refused = yield* plain("POST", "/v2/generate/async", body)
      assert.deepStrictEqual(refusal(refused), [429, "TooManyPrompts"])
    }).pipe(embedded())
  )

  it.effect("a trusted account gets the kudos that were withheld", () =>
    Effect.gen(function* () {
      yield* submit("a bay", { r2: false })
      const { reward } = (yield* deliver((yield* pop()).body["id"])).body
      const { evaluating_kudos, kudos } = yield* user(3, owner)
      assert.approximately(evaluating_kudos + kudos, reward, 0.01)
      yield* put(owner, { trusted: true }, 3)
      assert.include(yield* user(3, owner), { evaluating_kudos: 0, kudos: reward })
    }).pipe(embedded())
  )

  it.effect("admins change balances, and appoint moderators", () =>
    Effect.gen(function* () {
      const changes = { kudos: -100, usage_multiplier: 2, moderator: true }
      assert.deepStrictEqual(refusal(yield* put(moderator, changes)), [403, "NotAdmin"])
      assert.deepStrictEqual((yield* put(owner, changes)).body, {
        new_kudos: 400,
        usage_multiplier: 2,
        moderator: true
      })
      const seen = yield* user(2)
      assert.include(seen, { kudos: 400, moderator: true, trusted: true })
      assert.include(seen["kudos_details"], { admin: -100 })
      // the tax of a job is 3 kudos
      yield* submit("a bay")
      yield* TestClock.adjust("30 seconds")
      assert.include(yield* user(2), { kudos: 394 })
    }).pipe(embedded(withModerator))
  )

  it.effect("monthly kudos are paid at once, and every 30 days", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* put(owner, { monthly_kudos: 100 })).body, { monthly_kudos: 100 })
      const first = yield* user(2, owner)
      assert.include(first["monthly_kudos"], { amount: 100 })
      assert.match(first["monthly_kudos"].last_received, / -0000$/)
      assert.include(first, { kudos: 600 })
      yield* TestClock.adjust("61 days")
      const third = yield* user(2)
      assert.include(third, { kudos: 800 })
      assert.include(third["kudos_details"], { recurring: 300 })
      yield* put(owner, { monthly_kudos: -100 })
      yield* TestClock.adjust("61 days")
      const stopped = yield* user(2, owner)
      assert.deepInclude(stopped, {
        kudos: 800,
        monthly_kudos: { amount: 0, last_received: "Mon, 02 Mar 1970 00:00:00 -0000" }
      })
      // another amount is not paid before the month is over, but at once after an interruption
      yield* put(owner, { monthly_kudos: 50 })
      yield* put(owner, { monthly_kudos: 50 })
      assert.include(yield* user(2), { kudos: 850 })
      yield* TestClock.adjust("30 days")
      assert.include(yield* user(2), { kudos: 950 })
    }).pipe(embedded())
  )

  it.effect("accounts change their own name, contact and workers", () =>
    Effect.gen(function* () {
      yield* pop()
      const changes = { username: "smith", contact: "me@example.invalid", public_workers: true }
      assert.deepStrictEqual(reply(yield* put(worker, changes, 3)), [200, changes])
      const seen = yield* user(3)
      assert.include(seen, { username: "smith#3", worker_count: 1 })
      assert.notProperty(seen, "contact")
      const { body: w1 } = yield* nobody("GET", "/v2/workers/name/w1")
      assert.include(w1, { owner: "smith#3", contact: "me@example.invalid" })
      assert.deepStrictEqual(seen["worker_ids"], [w1["id"]])
      assert.include(yield* user(3, worker), { contact: "me@example.invalid" })
      // the new name receives kudos
      assert.strictEqual((yield* transfer(plain, "smith#3")).status, 200)
    }).pipe(embedded())
  )

  it.effect("comments and suspicions are for moderators only", () =>
    Effect.gen(function* () {
      const changes = { admin_comment: "a good one", reset_suspicion: true }
      assert.deepStrictEqual((yield* put(owner, changes)).body, { admin_comment: "a good one", new_suspicion: 0 })
      assert.include(yield* user(2, owner), { admin_comment: "a good one", suspicious: 0 })
      assert.notProperty(yield* user(2, plain), "admin_comment")
    }).pipe(embedded())
  )

  it.effect("changes are refused in the order of the real server", () =>
    Effect.gen(function* () {
      const refused = (as: typeof owner, body: object, id = 2) => Effect.map(put(as, body, id), refusal)
      assert.deepStrictEqual(yield* refused(stranger, { concurrency: 501 }, 999), [400, ["concurrency"]])
      assert.deepStrictEqual(yield* refused(stranger, { trusted: true }, 999), [404, "UserNotFound"])
      assert.deepStrictEqual(yield* refused(nobody, { trusted: true }), [400, ["apikey"]])
      assert.deepStrictEqual(yield* refused(stranger, { trusted: true }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* refused(plain, { kudos: 1 }), [403, "NotAdmin"])
      assert.deepStrictEqual(yield* refused(plain, { trusted: true }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* refused(worker, { contact: "me@here" }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* refused(anonymous, { public_workers: false }, 0), [403, "AnonForbiddenUserMod"])
      assert.deepStrictEqual(yield* refused(plain, { username: "x".repeat(31) }), [400, "TooLongUserName"])
      assert.deepStrictEqual(yield* refused(plain, { generate_proxy_passkey: true }), [403, "NonServiceForbidden"])
      assert.deepStrictEqual(yield* refused(plain, { undelete: true }), [400, "UserNotDeleted"])
      assert.deepStrictEqual(yield* refused(plain, { generate_proxy_passkey: false }), [400, "NoUserModSelected"])
    }).pipe(embedded())
  )
})

describe("deleted accounts", () => {
  const remove = (as: typeof owner, id: number) => as("DELETE", `/v2/users/${id}`)

  it.effect("a deleted account can do nothing until it is restored", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(reply(yield* remove(plain, 2)), [200, { message: "OK" }])
      assert.include(yield* user(2), { deleted: true })
      const refused = yield* plain("POST", "/v2/generate/async", { prompt: "a bay" })
      assert.deepStrictEqual(refusal(refused), [403, "DeletedUser"])
      assert.deepStrictEqual(refusal(yield* pop({}, Accounts.plainKey)), [403, "DeletedUser"])
      assert.deepStrictEqual(refusal(yield* transfer(plain, "owner#1")), [400, "DeletedUser"])
      assert.deepStrictEqual(refusal(yield* transfer(owner, "plain#2")), [400, "DeletedUser"])
      assert.deepStrictEqual((yield* put(plain, { undelete: true })).body, { undeleted: true })
      yield* submit("a bay")
    }).pipe(embedded())
  )

  it.effect("an account is wiped when it is deleted again after 30 idle days", () =>
    Effect.gen(function* () {
      yield* submit("a bay")
      yield* put(owner, { customizer: true })
      const style = { name: "oil", prompt: "{p}###{np}", models: ["Deliberate"] }
      const { body: created } = yield* plain("POST", "/v2/styles/image", style)
      const collection = yield* plain("POST", "/v2/collections", { name: "all", styles: ["oil"] })
      assert.deepStrictEqual((yield* user(2))["styles"], [
        { name: "plain#2::style::oil", id: created["id"], type: "image" }
      ])
      yield* remove(plain, 2)
      for (const [path, body] of [
        ["styles/image", { ...style, name: "ink" }],
        ["collections", { name: "more", styles: ["oil"] }]
      ] as const) {
        assert.deepStrictEqual(refusal(yield* plain("POST", `/v2/${path}`, body)), [403, "DeletedUser"])
      }
      yield* TestClock.adjust("29 days")
      assert.deepStrictEqual(refusal(yield* remove(owner, 2)), [403, "CannotWipeActiveUser"])
      yield* TestClock.adjust("2 days")
      assert.strictEqual((yield* remove(owner, 2)).status, 200)
      assert.deepStrictEqual(refusal(yield* nobody("GET", "/v2/users/2")), [404, "UserNotFound"])
      assert.deepStrictEqual(refusal(yield* plain("GET", "/v2/find_user")), [404, "UserNotFound"])
      assert.strictEqual((yield* nobody("GET", `/v2/styles/image/${created["id"]}`)).status, 404)
      assert.strictEqual((yield* nobody("GET", `/v2/collections/${collection.body["id"]}`)).status, 404)
    }).pipe(embedded())
  )

  it.effect("accounts are deleted by themselves and by moderators, moderators never", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(refusal(yield* remove(plain, 3)), [403, "NotUserOrMod"])
      assert.deepStrictEqual(refusal(yield* remove(anonymous, 3)), [403, "AnonForbiddenUser"])
      assert.deepStrictEqual(refusal(yield* remove(owner, 7)), [403, "CannotDeleteMod"])
      assert.deepStrictEqual(refusal(yield* remove(owner, 999)), [404, "UserNotFound"])
      assert.deepStrictEqual(refusal(yield* remove(stranger, 3)), [401, "InvalidAPIKey"])
      assert.strictEqual((yield* remove(moderator, 3)).status, 200)
    }).pipe(embedded(withModerator))
  )
})

describe("flagged accounts", () => {
  it.effect("a flagged account transfers and receives no kudos, and its workers get no jobs", () =>
    Effect.gen(function* () {
      yield* put(owner, { flagged: true })
      assert.include(yield* user(2), { flagged: true })
      assert.deepStrictEqual(refusal(yield* transfer(plain, "owner#1")), [400, "SourceAccountFlagged"])
      assert.deepStrictEqual(refusal(yield* transfer(owner, "plain#2")), [400, "TargetAccountFlagged"])
      assert.deepStrictEqual(refusal(yield* pop({}, Accounts.plainKey)), [403, "WorkerFlaggedMaintenance"])
      const awarded = yield* owner("POST", "/v2/kudos/award", { username: "plain#2" })
      assert.deepStrictEqual(reply(awarded), [200, [{}, {}]])
      assert.include(yield* user(2), { kudos: 500 })
    }).pipe(embedded())
  )
})

describe("the list of accounts", () => {
  const list = (query = "") =>
    Effect.map(nobody("GET", `/v2/users${query}`), ({ body }) => body.map(({ username }: any) => username))

  it.effect("the richest come first, or the oldest", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* list(), ["owner#1", "plain#2", "Anonymous#0", "worker#3", "worker2#4"])
      assert.deepStrictEqual(yield* list("?sort=age"), ["Anonymous#0", "owner#1", "plain#2", "worker#3", "worker2#4"])
      assert.deepStrictEqual(yield* list("?page=2"), [])
      const { body } = yield* nobody("GET", "/v2/users")
      assert.deepInclude(body[1], { id: 2, contact: null, worker_ids: null, active_generations: {} })
    }).pipe(embedded())
  )

  it.effect("a page has 25 accounts", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* list("?sort=age&page=1")).length, 25)
      assert.deepStrictEqual(yield* list("?sort=age&page=2"), ["a25#25", "a26#26"])
    }).pipe(
      embedded({
        accounts: Array.from({ length: 26 }, (_, index) => {
          const id = index + 1
          return { role: `a${id}`, apiKey: `key_of_account_${id}`, id, alias: `a${id}`, kudos: 0 }
        })
      })
    )
  )
})

describe("awards", () => {
  const award = (as: typeof owner, body: object) => as("POST", "/v2/kudos/award", body)

  it.effect("account 1 creates kudos for others", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(reply(yield* award(owner, { username: "plain#2", amount: 10 })), [200, { awarded: 10 }])
      assert.deepStrictEqual((yield* award(owner, { username: "plain#2" })).body, { awarded: 100 })
      const seen = yield* user(2)
      assert.include(seen, { kudos: 610 })
      assert.include(seen["kudos_details"], { awarded: 110 })
      assert.include(yield* user(1), { kudos: 10_000 })
    }).pipe(embedded())
  )

  it.effect("awards are refused in the order of the real server", () =>
    Effect.gen(function* () {
      const refused = (as: typeof owner, body: object) => Effect.map(award(as, body), refusal)
      assert.deepStrictEqual(yield* refused(stranger, {}), [400, ["username"]])
      assert.deepStrictEqual(yield* refused(stranger, { username: "x" }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* refused(moderator, { username: "plain#2" }), [403, "NotAllowedAwards"])
      assert.deepStrictEqual(yield* refused(owner, { username: "x#9" }), [400, "InvalidAwardUsername"])
      assert.deepStrictEqual(yield* refused(owner, { username: "Anonymous#0" }), [400, "KudosAwardToAnon"])
    }).pipe(embedded(withModerator))
  )
})

describe("service accounts", () => {
  const passkeyOf = (id: number) =>
    Effect.gen(function* () {
      yield* put(owner, { service: true }, id)
      return (yield* put(plain, { generate_proxy_passkey: true }, id)).body["proxy_passkey"] as string
    })

  it.effect("a service has a passkey, which moderators see", () =>
    Effect.gen(function* () {
      const passkey = yield* passkeyOf(2)
      assert.lengthOf(passkey, 16)
      assert.include(yield* user(2, owner), { proxy_passkey: passkey })
      assert.notProperty(yield* user(2, plain), "proxy_passkey")
    }).pipe(embedded())
  )

  it.effect("a service submits for accounts of its own users, others do not", () =>
    Effect.gen(function* () {
      const body = { prompt: "a bay", proxied_account: "someone" }
      const refused = yield* plain("POST", "/v2/generate/async", body)
      assert.deepStrictEqual(refusal(refused), [400, "OnlyServiceAccountProxy"])
      yield* put(owner, { service: true })
      assert.strictEqual((yield* plain("POST", "/v2/generate/async", body)).status, 202)
    }).pipe(embedded())
  )

  it.effect("a service states the IP addresses of its users", () =>
    Effect.gen(function* () {
      yield* owner("POST", "/v2/operations/ipaddr", { ipaddr: "203.0.113.7", hours: 1 })
      const headers = { "proxied-for": "203.0.113.7", "proxy-authorization": "0123456789abcdef" }
      const ask = Effect.map(
        plain("POST", "/v2/generate/async", { prompt: "a bay" }, { headers }),
        ({ status }) => status
      )
      // without any passkey the headers are ignored
      assert.strictEqual(yield* ask, 202)
      yield* passkeyOf(2)
      assert.strictEqual(yield* ask, 403)
      // limits by path count the stated address
      const get = (ip: string) =>
        Effect.map(
          call("GET", "/v2/users/1", { headers: { ...headers, "proxied-for": ip } }),
          ({ headers }) => headers["x-ratelimit-remaining"]
        )
      assert.deepStrictEqual([yield* get("203.0.113.8"), yield* get("203.0.113.8")], ["59", "58"])
      assert.strictEqual(yield* get("203.0.113.9"), "59")
    }).pipe(embedded())
  )
})
