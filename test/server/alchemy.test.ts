import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { put } from "./outside.js"
import { call, theJob } from "./raw.js"
import { outcome, popText } from "./texts.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, ...options }))

const dot = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

const forms = (...names: ReadonlyArray<string>) => ({ forms: names.map((name) => ({ name })) })

const ask = (body: object, key: string = Accounts.plainKey) =>
  call("POST", "/v2/interrogate/async", { key, body: { source_image: dot, ...body } })

const submit = (body: object, key?: string) =>
  Effect.map(ask(body, key), ({ body, status, text }) => {
    if (status !== 202) throw new Error(`submit answered ${status}: ${text}`)
    return body["id"] as string
  })

const status = (id: string) => Effect.map(call("GET", `/v2/interrogate/status/${id}`), ({ body }) => body)

const cancel = (id: string) => Effect.map(call("DELETE", `/v2/interrogate/status/${id}`), ({ body }) => body)

/** The overall state, and the state of each form in the order of the reply. */
const states = (body: Readonly<Record<string, any>>) => [
  body["state"],
  ...body["forms"].map(({ form, state }: Record<string, string>) => `${form} ${state}`)
]

const popBody = (names: ReadonlyArray<string>) => ({ name: "a1", forms: names, bridge_agent: "any:1:-", threads: 2 })

interface Task {
  readonly id: string
  readonly form: string
  readonly payload?: object
  readonly source_image: string
  readonly r2_upload?: string
}

const pop = (names: ReadonlyArray<string>, amount = 1, key: string = Accounts.workerKey) =>
  Effect.map(
    call("POST", "/v2/interrogate/pop", { key, body: { ...popBody(names), amount } }),
    ({ body }) => (body["forms"] ?? []) as ReadonlyArray<Task>
  )

const deliver = (task: Task | undefined, changes: object = {}, key: string = Accounts.workerKey) =>
  call("POST", "/v2/interrogate/submit", {
    key,
    body: { id: task?.id, result: { [task?.form ?? ""]: "x" }, ...changes }
  })

const money = (id: number) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("31 seconds")
    return (yield* call("GET", `/v2/users/${id}`)).body
  })

describe("alchemy", () => {
  it.effect("a worker gets the forms that it offers, of several jobs, with their payloads", () =>
    Effect.gen(function* () {
      const payload = { control_type: "canny" }
      const link = "https://example.com/picture.webp"
      const first = yield* submit({ forms: [{ name: "annotation", payload }, { name: "caption" }] })
      const second = yield* submit({ ...forms("nsfw", "caption"), source_image: link })
      const tasks = yield* pop(["annotation", "caption"], 5)
      assert.deepStrictEqual(
        tasks.map(({ form, payload, source_image }) => [form, payload, source_image === link]),
        [
          ["annotation", payload, false],
          ["caption", undefined, false],
          ["caption", undefined, true]
        ]
      )
      assert.deepStrictEqual(states(yield* status(second)), ["processing", "nsfw waiting", "caption processing"])
      assert.deepStrictEqual((yield* status(first))["state"], "processing")
      assert.deepStrictEqual(yield* pop([], 5), [])
    }).pipe(embedded())
  )

  it.effect("a worker is listed with its forms, and counts in the performance of the horde", () =>
    Effect.gen(function* () {
      const seen = Effect.map(call("GET", "/v2/status/performance"), ({ body }) => body)
      yield* submit(forms("caption", "nsfw"))
      assert.include(yield* seen, { queued_forms: 2, queued_requests: 0, interrogator_count: 0 })
      const [task] = yield* pop(["caption"])
      assert.include(yield* seen, { queued_forms: 1, interrogator_count: 1, interrogator_thread_count: 2 })
      assert.include(yield* seen, { worker_count: 0, text_worker_count: 0 })
      yield* TestClock.adjust("4 seconds")
      yield* deliver(task)
      const [listed] = (yield* call("GET", "/v2/workers?type=interrogation")).body as any
      assert.include(listed, { name: "a1", type: "interrogation", requests_fulfilled: 1, kudos_rewards: 1 })
      assert.deepStrictEqual(listed.forms, ["caption"])
      assert.notProperty(listed, "models")
      assert.deepStrictEqual((yield* call("GET", `/v2/workers/${listed.id}`)).body, listed)
      assert.include(yield* seen, { past_minute_megapixelsteps: 0, past_minute_tokens: 0 })
    }).pipe(embedded())
  )

  it.effect("a worker in maintenance gets only the forms of its owner; messages are not delivered to it", () =>
    Effect.gen(function* () {
      yield* pop(["caption"])
      const { id } = (yield* call("GET", "/v2/workers/name/a1")).body
      const key = Accounts.workerKey
      const body = { message: "hello", worker_id: id, expiry: 1 }
      assert.strictEqual((yield* call("POST", "/v2/workers/messages", { key, body })).status, 200)
      yield* call("PUT", `/v2/workers/${id}`, { key, body: { maintenance: true } })
      yield* submit(forms("caption"))
      const refused = yield* call("POST", "/v2/interrogate/pop", { key, body: popBody(["caption"]) })
      assert.deepStrictEqual([refused.status, refused.body["rc"]], [403, "WorkerMaintenance"])
      yield* submit(forms("caption"), key)
      const popped = yield* call("POST", "/v2/interrogate/pop", { key, body: popBody(["caption"]) })
      assert.deepStrictEqual(Object.keys(popped.body), ["forms", "skipped"])
      assert.strictEqual(popped.body["forms"].length, 1)
    }).pipe(embedded())
  )

  it.effect("a source image in base64 becomes a link for workers, an uploaded result one for clients", () =>
    Effect.gen(function* () {
      const id = yield* submit(forms("GFPGAN"))
      const [task] = yield* pop(["GFPGAN"])
      const source = yield* call("GET", task?.source_image ?? "")
      assert.strictEqual(source.text, new TextDecoder().decode(Buffer.from(dot, "base64")))
      const bytes = new TextEncoder().encode("a better picture")
      assert.strictEqual((yield* put(task?.r2_upload ?? "", bytes)).status, 200)
      assert.deepStrictEqual((yield* deliver(task, { result: { GFPGAN: "R2" } })).body, { reward: 3 })
      const body = yield* status(id)
      assert.deepStrictEqual(states(body), ["done", "GFPGAN done"])
      assert.strictEqual((yield* call("GET", body["forms"][0].result.GFPGAN)).text, "a better picture")
    }).pipe(embedded())
  )

  it.effect("a faulted or overdue form waits again under the same id; the fourth failure ends it", () =>
    Effect.gen(function* () {
      const id = yield* submit(forms("caption", "nsfw"))
      const [first] = yield* pop(["caption"])
      assert.deepStrictEqual((yield* deliver(first, { state: "faulted" })).body, { reward: 0 })
      assert.deepStrictEqual(states(yield* status(id)), ["waiting", "nsfw waiting", "caption waiting"])
      for (let attempt = 0; attempt < 2; attempt++) {
        assert.strictEqual((yield* pop(["caption"]))[0]?.id, first?.id)
        yield* TestClock.adjust("4 minutes")
        assert.deepStrictEqual(states(yield* status(id)), ["waiting", "nsfw waiting", "caption waiting"])
      }
      yield* deliver((yield* pop(["caption"]))[0], { state: "faulted" })
      assert.deepStrictEqual(states(yield* status(id)), ["waiting", "nsfw waiting", "caption faulted"])
      assert.deepStrictEqual(yield* pop(["caption"]), [])
      // a worker's forms are updated every 30 seconds
      yield* TestClock.adjust("31 seconds")
      yield* deliver((yield* pop(["nsfw"]))[0])
      assert.deepStrictEqual(states(yield* status(id)), ["partial", "caption faulted", "nsfw done"])
      assert.include(yield* theJob, { kind: "alchemy", n: 2, finished: 1, restarted: 4, state: "short", prompt: "" })
    }).pipe(embedded())
  )

  it.effect("a job is faulted if all of its forms are, or if it has none", () =>
    Effect.gen(function* () {
      const id = yield* submit(forms("caption"))
      for (let attempt = 0; attempt < 4; attempt++) yield* deliver((yield* pop(["caption"]))[0], { state: "faulted" })
      assert.deepStrictEqual(states(yield* status(id)), ["faulted", "caption faulted"])
      assert.include(yield* theJob, { faulted: true, state: "faulted" })
      assert.deepStrictEqual(states(yield* status(yield* submit(forms()))), ["faulted"])
    }).pipe(embedded())
  )

  it.effect("a cancel ends all forms; for a form in progress the worker is paid, and its result is refused", () =>
    Effect.gen(function* () {
      const id = yield* submit(forms("caption", "interrogation", "nsfw"))
      yield* deliver((yield* pop(["caption"]))[0])
      const [running] = yield* pop(["interrogation"])
      const [before, paid] = [(yield* money(2))["kudos"], (yield* money(3))["kudos"]]
      const cancelled = ["partial", "nsfw cancelled", "caption done", "interrogation cancelled"]
      assert.deepStrictEqual(states(yield* cancel(id)), cancelled)
      assert.deepStrictEqual(states(yield* status(id)).sort(), [...cancelled].sort())
      assert.deepStrictEqual(outcome(yield* deliver(running)), [400, "AbortedGen"])
      assert.deepStrictEqual(yield* pop(["nsfw", "interrogation"]), [])
      // half of the worker's 3 kudos is withheld, since its owner is not trusted
      assert.deepStrictEqual([(yield* money(2))["kudos"], (yield* money(3))["kudos"]], [before - 4, paid + 1.5])
      yield* cancel(id)
      assert.strictEqual((yield* money(2))["kudos"], before - 4)
      assert.include(yield* theJob, { state: "cancelled", cancels: 2, finished: 1, processing: 0, waiting: 0 })
      const records = (yield* money(2))["records"]
      assert.deepStrictEqual(records.request, { image: 0, text: 0, interrogation: 1 })
    }).pipe(embedded())
  )

  it.effect("a job lives for 20 minutes after the last pop or delivery, and is no active generation", () =>
    Effect.gen(function* () {
      const id = yield* submit(forms("caption", "nsfw"))
      const own = call("GET", "/v2/find_user", { key: Accounts.plainKey })
      assert.notProperty((yield* own).body, "active_generations")
      yield* TestClock.adjust("15 minutes")
      yield* pop(["caption"])
      yield* TestClock.adjust("15 minutes")
      const [task] = yield* pop(["caption"])
      yield* TestClock.adjust("2 minutes")
      yield* deliver(task)
      yield* TestClock.adjust("19 minutes")
      assert.deepStrictEqual(states(yield* status(id)), ["waiting", "nsfw waiting", "caption done"])
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* status(id))["rc"], "RequestNotFound")
      assert.include(yield* theJob, { state: "expired" })
    }).pipe(embedded())
  )

  it.effect("requests are refused by the rules of the real server", () =>
    Effect.gen(function* () {
      const refused = (body: object, key?: string) => Effect.map(ask(body, key), outcome)
      assert.deepStrictEqual(yield* refused({ forms: [{}] }), [400, ["forms.0.name"]])
      assert.deepStrictEqual(yield* refused({ source_image: undefined }), [400, ["source_image"]])
      assert.deepStrictEqual(yield* refused({ source_image: "!!!" }), [400, "ImageValidationFailed"])
      assert.deepStrictEqual(yield* refused({ webhook: "http://example.com" }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* refused({ forms: [{ name: "caption", payload: { a: 1 } }] }), [
        400,
        ["forms.0.payload.a"]
      ])
      assert.deepStrictEqual(yield* refused(forms("caption"), "unknown"), [401, "InvalidAPIKey"])
      const { body } = yield* call("PUT", "/v2/sharedkeys", { key: Accounts.plainKey, body: {} })
      assert.deepStrictEqual(yield* refused(forms("caption"), body["id"] as string), [401, "InvalidAPIKey"])
      assert.strictEqual((yield* ask(forms("caption"), Accounts.anonymousKey)).status, 202)
    }).pipe(embedded())
  )

  it.effect("waiting and processing forms are limited to ten times the concurrency", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 19 }, () => "caption")
      const id = yield* submit(forms(...many))
      yield* pop(["caption"], 10)
      assert.deepStrictEqual(outcome(yield* ask(forms("caption", "caption"))), [429, "TooManyPrompts"])
      yield* submit(forms("caption"))
      yield* cancel(id)
      yield* submit(forms(...many))
    }).pipe(
      embedded({
        accounts: Accounts.defaults.map((account) =>
          account.role === "plain" ? { ...account, concurrency: 2 } : account
        )
      })
    )
  )

  it.effect("results are refused without a known form, an object, the key of the worker, or a second time", () =>
    Effect.gen(function* () {
      yield* submit(forms("caption"))
      const [task] = yield* pop(["caption"])
      assert.deepStrictEqual(outcome(yield* deliver(task, { result: undefined })), [400, ["result"]])
      assert.deepStrictEqual(outcome(yield* deliver(task, { result: "text" })), [400, ["result"]])
      assert.deepStrictEqual(outcome(yield* deliver(task, { id: "unknown" })), [404, "InvalidJobID"])
      assert.deepStrictEqual(outcome(yield* deliver(task, {}, "unknown")), [500, []])
      assert.deepStrictEqual(outcome(yield* deliver(task, {}, Accounts.plainKey)), [403, "WrongCredentials"])
      assert.strictEqual((yield* deliver(task)).status, 200)
      assert.deepStrictEqual(outcome(yield* deliver(task)), [400, "DuplicateGen"])
    }).pipe(embedded())
  )

  it.effect(
    "the skipped jobs are counted for the reasons that a worker may know; names belong to one type of worker",
    () =>
      Effect.gen(function* () {
        yield* submit({ ...forms("caption"), trusted_workers: true })
        const body = popBody(["caption"])
        const answer = yield* call("POST", "/v2/interrogate/pop", { key: Accounts.workerKey, body })
        assert.deepStrictEqual(answer.body, { forms: null, skipped: { untrusted: 1 } })
        assert.deepStrictEqual(outcome(yield* popText({ name: "a1" })), [400, "PolymorphicNameConflict"])
        const anonymous = yield* call("POST", "/v2/interrogate/pop", { key: Accounts.anonymousKey, body })
        assert.deepStrictEqual(outcome(anonymous), [403, "AnonForbiddenWorker"])
      }).pipe(embedded())
  )

  it.effect("scripted faults apply", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(Faults.vanish(({ kind }) => kind === "alchemy"))
      const id = yield* submit(forms("caption"))
      assert.strictEqual((yield* status(id))["rc"], "RequestNotFound")
    }).pipe(embedded())
  )
})
