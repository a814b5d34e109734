import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { anonymous, embedded, nobody, owner, plain, refusal, reply, stranger, worker, worker2 } from "./calls.js"
import { deliver, pop } from "./outside.js"
import { check, submit } from "./raw.js"

const nothing = "00000000-0000-4000-8000-000000000000"

const details = (name: string, as = nobody) => Effect.map(as("GET", `/v2/workers/name/${name}`), ({ body }) => body)

const idOf = (name: string) => Effect.map(details(name), ({ id }) => id as string)

/** The id of a new worker of the account `worker`. */
const register = (name: string) => Effect.zipRight(pop({ name }), idOf(name))

const stale = TestClock.adjust("30 seconds")

const ofModerators = ["paused", "owner", "ipaddr", "suspicious", "messages"]

describe("workers", () => {
  it.effect("a worker is listed with what it did, for moderators with more", () =>
    Effect.gen(function* () {
      yield* submit("a bay", { r2: false })
      const { body } = yield* pop({ name: "easel" })
      yield* TestClock.adjust("4 seconds")
      const { reward } = (yield* deliver(body["id"])).body
      const seen = yield* details("easel")
      assert.include(seen, {
        type: "image",
        name: "easel",
        online: true,
        requests_fulfilled: 1,
        kudos_rewards: reward,
        performance: "0.1 megapixelsteps per second",
        megapixelsteps_generated: 0.52,
        uncompleted_jobs: 0,
        maintenance_mode: false,
        trusted: false
      })
      assert.deepStrictEqual(seen["team"], { name: null, id: null })
      for (const field of ofModerators) assert.notProperty(seen, field)
      // the owner sees no more than everybody, and an unknown key counts as none
      for (const as of [worker, stranger]) assert.deepStrictEqual(yield* details("easel", as), seen)
      const { body: all } = yield* owner("GET", `/v2/workers/${seen["id"]}`)
      assert.include(all, { owner: "worker#3", ipaddr: "127.0.0.1", paused: false })
      for (const field of ofModerators) assert.property(all, field)
    }).pipe(embedded())
  )

  it.effect("the list has online workers of all kinds, and selects by type or name", () =>
    Effect.gen(function* () {
      const names = (query: string) =>
        Effect.map(nobody("GET", `/v2/workers${query}`), ({ body }) => body.map(({ name }: any) => name).sort())
      yield* pop({ name: "easel" })
      assert.deepStrictEqual(yield* names(""), ["easel", "embedded", "embedded alchemy", "embedded text"])
      assert.deepStrictEqual(yield* names("?type=text"), ["embedded text"])
      assert.deepStrictEqual(yield* names("?type=interrogation"), ["embedded alchemy"])
      assert.deepStrictEqual(yield* names("?type=text&name=EASEL"), ["easel"])
      assert.notProperty((yield* nobody("GET", "/v2/workers")).body[0], "ipaddr")
      assert.property((yield* owner("GET", "/v2/workers")).body[0], "ipaddr")
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(yield* names(""), ["embedded", "embedded alchemy", "embedded text"])
      assert.include(yield* details("easel"), { online: false })
    }).pipe(embedded({ worker: { takesJobs: false } }))
  )

  it.effect("a list and details are at most half a minute old", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      yield* nobody("GET", "/v2/workers")
      yield* worker("PUT", `/v2/workers/${id}`, { info: "of oak" })
      yield* pop({ name: "other" })
      assert.notProperty(yield* details("easel"), "info")
      assert.strictEqual((yield* nobody("GET", "/v2/workers")).body.length, 1)
      yield* stale
      assert.include(yield* details("easel"), { info: "of oak" })
      assert.strictEqual((yield* nobody("GET", "/v2/workers")).body.length, 2)
    }).pipe(embedded())
  )

  it.effect("a change is replied alone, and is seen by others", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      const put = (body: object, as = worker) => as("PUT", `/v2/workers/${id}`, body)
      assert.deepStrictEqual(reply(yield* put({ name: "easel two", info: "of oak" })), [
        200,
        { name: "easel two", info: "of oak" }
      ])
      assert.deepStrictEqual(reply(yield* put({ maintenance: true }, owner)), [200, { maintenance: true }])
      yield* stale
      assert.include((yield* nobody("GET", `/v2/workers/${id}`)).body, {
        name: "easel two",
        info: "of oak",
        maintenance_mode: true
      })
      assert.strictEqual((yield* nobody("GET", "/v2/workers/name/easel")).status, 404)
    }).pipe(embedded())
  )

  it.effect("changes are refused in the order of the real server", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      yield* pop({ name: "other" })
      const put = (as: typeof owner, body: object, path = id) =>
        Effect.map(as("PUT", `/v2/workers/${path}`, body), refusal)
      assert.deepStrictEqual(yield* put(worker, { name: "four" }), [400, ["name"]])
      assert.deepStrictEqual(yield* put(stranger, { info: "x" }, nothing), [404, "WorkerNotFound"])
      assert.deepStrictEqual(yield* put(nobody, { info: "x" }), [400, ["apikey"]])
      assert.deepStrictEqual(yield* put(stranger, { info: "x" }), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* put(plain, { info: "x" }), [403, "NotOwner"])
      assert.deepStrictEqual(yield* put(plain, { name: "mine now" }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* put(worker, { paused: true }), [403, "NotModerator"])
      assert.deepStrictEqual(yield* put(worker, { name: "other" }), [400, "WorkerNameAlreadyExists"])
      assert.deepStrictEqual(yield* put(worker, { team: nothing }), [404, "TeamNotFound"])
      assert.deepStrictEqual(yield* put(worker, {}), [400, "NoWorkerModSelected"])
    }).pipe(embedded())
  )

  it.effect("a worker in maintenance gets the jobs of its owner only, and is told why", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      yield* worker("PUT", `/v2/workers/${id}`, { maintenance: true, maintenance_msg: "out of paint" })
      yield* submit("a bay")
      const refused = yield* pop({ name: "easel" })
      assert.deepStrictEqual(refusal(refused), [403, "WorkerMaintenance"])
      assert.strictEqual(refused.body["message"], "out of paint")
      yield* submit("a cove", { key: Accounts.workerKey })
      assert.strictEqual((yield* pop({ name: "easel" })).body["payload"].prompt, "a cove")
      yield* worker("PUT", `/v2/workers/${id}`, { maintenance: false })
      assert.strictEqual((yield* pop({ name: "easel" })).body["payload"].prompt, "a bay")
    }).pipe(embedded())
  )

  it.effect("a paused worker gets no jobs, and they are not possible", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      yield* owner("PUT", `/v2/workers/${id}`, { paused: true })
      const job = yield* submit("a bay", { key: Accounts.workerKey })
      assert.include(yield* check(job), { is_possible: false })
      const { body, status } = yield* pop({ name: "easel" })
      assert.deepStrictEqual([status, body["id"]], [200, null])
      yield* owner("PUT", `/v2/workers/${id}`, { paused: false })
      assert.isString((yield* pop({ name: "easel" })).body["id"])
    }).pipe(embedded())
  )

  it.effect("a built-in worker works on after its maintenance", () =>
    Effect.gen(function* () {
      const id = yield* idOf("embedded")
      yield* owner("PUT", `/v2/workers/${id}`, { maintenance: true })
      const job = yield* submit("a bay")
      yield* TestClock.adjust("20 seconds")
      assert.include(yield* check(job), { done: false, processing: 0 })
      yield* owner("PUT", `/v2/workers/${id}`, { maintenance: false })
      yield* TestClock.adjust("20 seconds")
      assert.include(yield* check(job), { done: true, finished: 1 })
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("a worker is deleted by its owner when no job refers to it", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      const remove = (as: typeof owner) => as("DELETE", `/v2/workers/${id}`)
      assert.strictEqual((yield* remove(nobody)).status, 500)
      assert.deepStrictEqual(refusal(yield* remove(plain)), [403, "NotModerator"])
      assert.deepStrictEqual(refusal(yield* remove(anonymous)), [403, "NotModerator"])
      yield* submit("a bay", { r2: false })
      yield* deliver((yield* pop({ name: "easel" })).body["id"])
      assert.deepStrictEqual(refusal(yield* remove(worker)), [423, "Locked"])
      yield* TestClock.adjust("22 minutes")
      assert.deepStrictEqual(reply(yield* remove(worker)), [200, { deleted_id: id, deleted_name: "easel" }])
      assert.deepStrictEqual(refusal(yield* nobody("GET", `/v2/workers/${id}`)), [404, "WorkerNotFound"])
    }).pipe(embedded())
  )

  it.effect("a deleted built-in worker takes no more jobs", () =>
    Effect.gen(function* () {
      const id = yield* idOf("embedded")
      const job = yield* submit("a bay")
      // it is about to take the job
      assert.strictEqual((yield* owner("DELETE", `/v2/workers/${id}`)).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.include(yield* check(job), { waiting: 1, processing: 0, finished: 0 })
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("single workers have a limit of their own", () =>
    Effect.gen(function* () {
      const one = yield* nobody("GET", `/v2/workers/${nothing}`)
      const all = yield* nobody("GET", "/v2/workers")
      assert.deepStrictEqual([one.headers["x-ratelimit-limit"], all.headers["x-ratelimit-limit"]], ["30", "90"])
    }).pipe(embedded())
  )
})

describe("messages to workers", () => {
  const path = "/v2/workers/messages"

  it.effect("a message reaches the worker with its jobs until it expires", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      const { body } = yield* owner("POST", path, { message: "hello", worker_id: id, expiry: 2 })
      assert.include(body, { worker_id: id, user_id: "1", message: "hello", origin: "AI Horde Moderators" })
      const received = { id: body["id"], message: "hello", origin: body["origin"], expiry: body["expiry"] }
      assert.deepStrictEqual((yield* pop({ name: "easel" })).body["messages"], [received])
      assert.deepStrictEqual((yield* pop({ name: "other" })).body["messages"], [])
      assert.deepStrictEqual((yield* nobody("GET", `${path}/${body["id"]}`)).body, body)
      assert.deepStrictEqual((yield* owner("GET", path)).body, [body])
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual((yield* pop({ name: "easel" })).body["messages"], [])
      assert.deepStrictEqual((yield* owner("GET", path)).body, [])
      assert.deepStrictEqual((yield* owner("GET", `${path}?validity=expired`)).body, [body])
    }).pipe(embedded())
  )

  it.effect("a message of a moderator may go to all workers", () =>
    Effect.gen(function* () {
      yield* owner("POST", path, { message: "all hands", origin: "the owner", expiry: 1 })
      for (const name of ["easel", "other"]) {
        const [message] = (yield* pop({ name })).body["messages"]
        assert.include(message, { message: "all hands", origin: "the owner" })
      }
    }).pipe(embedded())
  )

  it.effect("a second message within a minute is not stored", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      const send = (message: string) =>
        Effect.map(owner("POST", path, { message, worker_id: id, expiry: 2 }), ({ body }) => body["message"])
      assert.strictEqual(yield* send("one"), "one")
      assert.strictEqual(yield* send("two"), "one")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* send("three"), "three")
      const listed = (yield* owner("GET", path)).body
      assert.deepStrictEqual(
        listed.map(({ message }: any) => message),
        ["one", "three"]
      )
      // a page begins one message after the previous one
      assert.deepStrictEqual((yield* owner("GET", `${path}?page=2`)).body, [listed[1]])
    }).pipe(embedded())
  )

  it.effect("accounts send messages to their own workers, and see and delete their own", () =>
    Effect.gen(function* () {
      const id = yield* register("easel")
      const post = (as: typeof owner, body: object) => Effect.map(as("POST", path, body), refusal)
      const message = { message: "hello", expiry: 1 }
      assert.deepStrictEqual(yield* post(owner, { worker_id: id }), [400, ["message"]])
      assert.deepStrictEqual(yield* post(anonymous, { ...message, worker_id: id }), [403, "AnonForbidden"])
      assert.deepStrictEqual(yield* post(plain, { ...message, worker_id: id }), [403, "MessagesOnlyOwnWorkers"])
      assert.deepStrictEqual(yield* post(owner, { ...message, worker_id: nothing }), [404, "WorkerNotFound"])
      // documented, but the real server fails
      assert.strictEqual((yield* post(worker, message))[0], 500)
      assert.strictEqual((yield* post(owner, { message: "hello", worker_id: id }))[0], 500)
      const { body } = yield* worker("POST", path, { ...message, worker_id: id })
      assert.include(body, { user_id: "3", origin: "worker#3" })
      assert.deepStrictEqual((yield* worker("GET", path)).body, [body])
      assert.deepStrictEqual((yield* worker2("GET", path)).body, [])
      assert.deepStrictEqual(refusal(yield* worker("GET", `${path}?user_id=3`)), [403, "Forbidden"])
      assert.deepStrictEqual(refusal(yield* owner("GET", `${path}?validity=new`)), [400, "BadRequest"])
      assert.deepStrictEqual(refusal(yield* worker2("DELETE", `${path}/${body["id"]}`)), [403, "Forbidden"])
      assert.deepStrictEqual(reply(yield* worker("DELETE", `${path}/${body["id"]}`)), [200, { message: "OK" }])
      const gone = yield* owner("DELETE", `${path}/${body["id"]}`)
      assert.deepStrictEqual(refusal(gone), [404, "WorkermessageNotFound"])
    }).pipe(embedded())
  )
})
