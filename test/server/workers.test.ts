import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { deliver, fetched, picture, pop, put } from "./outside.js"
import { call, check, status, submit, theJob } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

/** Submits a job with these fields; the prompt is always the same. */
const ask = (changes: object = {}, key: string = Accounts.plainKey) =>
  Effect.map(
    call("POST", "/v2/generate/async", { key, body: { prompt: "a bay", params: { steps: 8 }, ...changes } }),
    ({ body, status, text }) => {
      if (status !== 202) throw new Error(`submit answered ${status}: ${text}`)
      return body["id"] as string
    }
  )

const refused = (answer: { readonly status: number; readonly body: Readonly<Record<string, any>> }) => [
  answer.status,
  answer.body["rc"] ?? Object.keys(answer.body["errors"] ?? {})
]

describe("external workers", () => {
  it.effect("an external worker takes a job, uploads the picture and is paid", () =>
    Effect.gen(function* () {
      const id = yield* ask({ params: { steps: 8, seed: "42", cfg_scale: 7.5, clip_skip: 2 } })
      const { body } = yield* pop()
      assert.deepStrictEqual(body["payload"], {
        image_is_control: false,
        return_control_map: false,
        tiling: false,
        hires_fix: false,
        transparent: false,
        clip_skip: 2,
        prompt: "a bay",
        ddim_steps: 8,
        n_iter: 1,
        seed: "42",
        sampler_name: "k_euler_a",
        cfg_scale: 7.5,
        height: 512,
        width: 512,
        karras: true
      })
      assert.deepInclude(body, { ids: [body["id"]], ttl: 150, skipped: {}, model: "stable_diffusion", messages: [] })
      assert.deepStrictEqual(body["r2_uploads"], [body["r2_upload"]])
      assert.include(yield* check(id), { processing: 1, waiting: 0, done: false, is_possible: true })
      assert.strictEqual((yield* put(body["r2_upload"], picture)).status, 200)
      assert.deepStrictEqual((yield* deliver(body["id"])).body, { reward: 4.06 })
      const { generations, ...counts } = yield* status(id)
      assert.include(counts, { finished: 1, done: true, kudos: 8 })
      const [{ img, ...generation }] = generations
      assert.deepStrictEqual(generation, {
        seed: "1234",
        id: body["id"],
        censored: false,
        gen_metadata: [],
        worker_id: generation.worker_id,
        worker_name: "w1",
        model: "stable_diffusion",
        state: "ok"
      })
      const { bytes, response } = yield* fetched(img)
      assert.deepStrictEqual(bytes, picture)
      assert.include(response.headers, { "content-type": "image/webp", "access-control-allow-origin": "*" })
    }).pipe(embedded())
  )

  it.effect("an external worker may deliver base64, and invalid data is passed on", () =>
    Effect.gen(function* () {
      const base64 = Buffer.from(picture).toString("base64")
      const img = (r2: boolean, generation: string) =>
        Effect.gen(function* () {
          const id = yield* ask({ r2 })
          yield* deliver((yield* pop()).body["id"], { generation })
          return (yield* status(id))["generations"][0].img as string
        })
      assert.strictEqual(yield* img(false, base64), base64)
      assert.deepStrictEqual((yield* fetched(yield* img(true, base64))).bytes, picture)
      assert.strictEqual(yield* img(false, "no picture %%"), "no picture %%")
      assert.strictEqual(yield* img(true, "R2"), "N/A")
      assert.strictEqual(yield* img(false, "R2"), "N/A")
    }).pipe(embedded())
  )

  it.effect("each picture has an upload link of its own, which works for half an hour", () =>
    Effect.gen(function* () {
      yield* ask({ params: { steps: 8, n: 2 } })
      const { body } = yield* pop({ amount: 2 })
      const [one, two] = body["r2_uploads"] as ReadonlyArray<string>
      assert.include(one, `/uploads/${body["ids"][0]}?`)
      assert.strictEqual((yield* put(one?.replace(body["ids"][0], body["ids"][1]) ?? "", picture)).status, 403)
      assert.strictEqual((yield* fetched(one ?? "")).response.status, 405)
      assert.strictEqual((yield* put(one?.replace("/uploads/", "/objects/") ?? "", picture)).status, 404)
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual((yield* put(one ?? "", picture)).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* put(two ?? "", picture)).status, 403)
    }).pipe(embedded())
  )

  it.effect("a worker takes as many pictures of one job as it requests and has memory for", () =>
    Effect.gen(function* () {
      yield* ask({ params: { steps: 8, n: 6 } })
      const counts = (changes: object) =>
        Effect.map(pop(changes), ({ body }) => [body["ids"].length, body["payload"].n_iter])
      assert.deepStrictEqual(yield* counts({ amount: 3 }), [3, 3])
      assert.deepStrictEqual(yield* counts({ amount: 4, max_pixels: 2 * 512 * 512 }), [2, 2])
      assert.deepStrictEqual(yield* counts({ amount: 4 }), [1, 1])
      yield* ask({ params: { steps: 8, n: 2 }, disable_batching: true }, Accounts.ownerKey)
      assert.deepStrictEqual(yield* counts({ amount: 4 }), [1, 1])
    }).pipe(embedded())
  )

  it.effect("a worker gets its owner's jobs first, then those of preferred users, then by kudos, then by age", () =>
    Effect.gen(function* () {
      const ids = [
        yield* ask({}, Accounts.plainKey),
        yield* ask({}, Accounts.ownerKey),
        yield* ask({}, Accounts.worker2Key),
        yield* ask({}, Accounts.workerKey),
        yield* ask({}, Accounts.worker2Key)
      ]
      const taken: Array<number> = []
      const take = (changes: object) =>
        Effect.gen(function* () {
          yield* pop(changes)
          const jobs = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.jobs)
          const [job] = jobs.filter(({ id, processing }) => processing === 1 && !taken.includes(ids.indexOf(id)))
          taken.push(ids.indexOf(job?.id ?? ""))
        })
      yield* take({})
      yield* take({ priority_usernames: ["worker2#4"] })
      for (const _ of [1, 2, 3]) yield* take({})
      assert.deepStrictEqual(taken, [3, 2, 1, 0, 4])
    }).pipe(embedded())
  )

  it.effect("a worker without a job gets the counts and reasons of the skipped jobs", () =>
    Effect.gen(function* () {
      const reasons = (job: object, worker: object, key = Accounts.ownerKey) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("1 second")
          const id = yield* ask(job, key)
          const { body } = yield* pop({ ...worker })
          assert.deepInclude(body, { id: null, ids: [], model: null, ttl: null, r2_upload: null, r2_uploads: null })
          assert.deepInclude(body["payload"], { cfg_scale: 7.5, karras: false, ddim_steps: 30 })
          assert.isAtLeast(Object.keys(body["skipped"]).length, 12)
          yield* call("DELETE", `/v2/generate/status/${id}`)
          return Object.fromEntries(Object.entries(body["skipped"]).filter(([, count]) => count !== 0))
        })
      const source_image = "https://example.invalid/a.webp"
      assert.deepStrictEqual(yield* reasons({ models: ["other"] }, {}), { models: 1 })
      assert.deepStrictEqual(yield* reasons({}, { nsfw: false }), { nsfw: 1 })
      assert.deepStrictEqual(yield* reasons({}, { max_pixels: 65_536 }), { max_pixels: 1 })
      assert.deepStrictEqual(yield* reasons({}, { blacklist: ["BAY"] }), { blacklist: 1 })
      assert.deepStrictEqual(yield* reasons({}, { bridge_agent: "mine:1:-" }), { bridge_version: 1 })
      assert.deepStrictEqual(yield* reasons({}, { extra_slow_worker: true }), { performance: 1 })
      assert.deepStrictEqual(yield* reasons({ trusted_workers: true }, {}), { untrusted: 1 })
      assert.deepStrictEqual(yield* reasons({ params: { steps: 8, loras: [{ name: "x" }] } }, { allow_lora: false }), {
        lora: 1
      })
      assert.deepStrictEqual(
        yield* reasons({ params: { post_processing: ["GFPGAN"] } }, { allow_post_processing: false }),
        { "post-processing": 1 }
      )
      assert.deepStrictEqual(yield* reasons({ source_image }, { allow_img2img: false }), { img2img: 1 })
      assert.deepStrictEqual(
        yield* reasons({ source_image, source_processing: "inpainting" }, { allow_painting: false }),
        { painting: 1 }
      )
      assert.deepStrictEqual(
        yield* reasons({ source_image, params: { control_type: "canny", steps: 8 } }, { allow_controlnet: false }),
        { controlnet: 1 }
      )
      assert.deepStrictEqual(yield* reasons({}, { require_upfront_kudos: true }, Accounts.worker2Key), { kudos: 1 })
      assert.deepStrictEqual(yield* reasons({ params: { steps: 41 } }, { limit_max_steps: true, nsfw: false }), {
        step_count: 1,
        nsfw: 1
      })
    }).pipe(embedded())
  )

  it.effect("a worker with an unknown agent gets plain jobs with base64", () =>
    Effect.gen(function* () {
      yield* ask({ r2: false })
      assert.isString((yield* pop({ bridge_agent: "mine:1:-" })).body["id"])
    }).pipe(embedded())
  )

  it.effect("a worker is online for five minutes after its last update, of which one in 30 seconds counts", () =>
    Effect.gen(function* () {
      const possible = (model: string) =>
        Effect.gen(function* () {
          const id = yield* ask({ models: [model] }, Accounts.anonymousKey)
          const { is_possible } = yield* check(id)
          yield* call("DELETE", `/v2/generate/status/${id}`)
          return is_possible
        })
      assert.isFalse(yield* possible("Deliberate"))
      yield* pop({ models: ["Deliberate"] })
      assert.isTrue(yield* possible("Deliberate"))
      yield* TestClock.adjust("40 seconds")
      yield* pop({ models: ["Fustercluck"] })
      assert.isTrue(yield* possible("Fustercluck"))
      yield* TestClock.adjust("20 seconds")
      // Ignored: the last update is too recent.
      yield* pop({ models: ["Dreamshaper"] })
      assert.isFalse(yield* possible("Dreamshaper"))
      yield* TestClock.adjust("279 seconds")
      assert.isTrue(yield* possible("Fustercluck"))
      yield* TestClock.adjust("1 second")
      assert.isFalse(yield* possible("Fustercluck"))
    }).pipe(embedded())
  )

  it.effect("an extra slow worker has three times the time, and a job that it took is kept for an hour", () =>
    Effect.gen(function* () {
      const id = yield* ask({ extra_slow_workers: true })
      const { body } = yield* pop({ extra_slow_worker: true })
      assert.strictEqual(body["ttl"], 450)
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* check(id))["restarted"], 1)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* check(id))["rc"], "RequestNotFound")
    }).pipe(embedded())
  )

  it.effect("an unknown program is credited three quarters of its reward, of which half is withheld", () =>
    Effect.gen(function* () {
      const earned = (bridge_agent: string, name: string) =>
        Effect.gen(function* () {
          const kudos = Effect.gen(function* () {
            yield* TestClock.adjust("31 seconds")
            return (yield* call("GET", "/v2/users/3")).body["kudos"] as number
          })
          yield* ask({ r2: false })
          const before = yield* kudos
          const { reward } = (yield* deliver((yield* pop({ bridge_agent, name })).body["id"])).body
          return [reward, Math.round(100 * ((yield* kudos) - before)) / 100]
        })
      assert.deepStrictEqual(yield* earned("AI Horde Worker reGen:9:-", "w1"), [4.06, 2.03])
      assert.deepStrictEqual(yield* earned("unknown:9:-", "w2"), [4.06, 1.52])
    }).pipe(embedded())
  )

  it.effect("the speed of a worker is that of its deliveries", () =>
    Effect.gen(function* () {
      yield* ask()
      const { body } = yield* pop()
      yield* TestClock.adjust("21 seconds")
      yield* deliver(body["id"])
      const id = yield* ask({ params: { steps: 8, n: 2 } })
      yield* TestClock.adjust("1 second")
      assert.include(yield* check(id), { queue_position: 1, wait_time: 22, is_possible: true })
    }).pipe(embedded())
  )

  it.effect("a pop with invalid fields is refused", () =>
    Effect.gen(function* () {
      const popped = (changes: object, key?: string) => Effect.map(pop(changes, key), refused)
      const bare = yield* call("POST", "/v2/generate/pop", { body: { name: "x", models: ["abc"] } })
      assert.deepStrictEqual(refused(bare), [400, ["apikey"]])
      assert.deepStrictEqual(yield* popped({ name: undefined }), [400, ["name"]])
      assert.deepStrictEqual(yield* popped({ amount: 21, models: ["ab"] }, "nobody"), [400, ["models.0", "amount"]])
      assert.deepStrictEqual(yield* popped({ priority_usernames: ["x"] }, "nobody"), [400, "InvalidPriorityUsername"])
      assert.deepStrictEqual(yield* popped({}, "nobody"), [401, "InvalidAPIKey"])
      const key = yield* call("PUT", "/v2/sharedkeys", { key: Accounts.ownerKey, body: {} })
      assert.deepStrictEqual(yield* popped({}, key.body["id"]), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* popped({}, Accounts.anonymousKey), [403, "AnonForbiddenWorker"])
      assert.deepStrictEqual(yield* popped({ name: "my colab" }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* popped({ models: [] }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* popped({}), [200, []])
      assert.deepStrictEqual(yield* popped({}, Accounts.worker2Key), [403, "WrongCredentials"])
      for (const name of ["w2", "w3", "w4"]) assert.deepStrictEqual(yield* popped({ name }), [200, []])
      assert.deepStrictEqual(yield* popped({ name: "w5" }), [403, "TooManyWorkers"])
      assert.deepStrictEqual(yield* popped({ name: "w5" }, Accounts.ownerKey), [200, []])
    }).pipe(embedded())
  )

  it.effect("an external worker cannot use the name of a built-in worker", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(refused(yield* pop({ name: "embedded" })), [403, "WrongCredentials"])
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("a delivery with several errors is refused for the first in the server's order", () =>
    Effect.gen(function* () {
      const handed = (id: unknown, changes: object = {}, key?: string) =>
        Effect.map(deliver(id as string, changes, key), refused)
      const nobodys = "00000000-0000-4000-8000-000000000000"
      assert.deepStrictEqual(yield* handed(null, { state: "done" }), [400, ["id", "state"]])
      assert.deepStrictEqual(yield* handed(nobodys, { seed: undefined }), [400, ["seed"]])
      assert.deepStrictEqual(yield* handed(nobodys, { generation: undefined }), [400, ["generation"]])
      assert.deepStrictEqual(yield* handed(nobodys, { gen_metadata: [{ type: "x", value: "csam" }] }), [
        400,
        ["gen_metadata.0.type"]
      ])
      // The job is checked before the caller.
      assert.deepStrictEqual(yield* handed(nobodys, {}, "nobody"), [404, "InvalidJobID"])
      const id = yield* ask()
      const { body } = yield* pop()
      const bad = yield* deliver(body["id"], {}, "nobody")
      assert.deepStrictEqual([bad.status, bad.body], [500, { message: "Internal Server Error" }])
      assert.deepStrictEqual(yield* handed(body["id"], {}, Accounts.worker2Key), [403, "WrongCredentials"])
      assert.deepStrictEqual(yield* handed(body["id"]), [200, []])
      assert.deepStrictEqual(yield* handed(body["id"]), [400, "DuplicateGen"])
      assert.deepStrictEqual(yield* handed(body["id"], { state: "faulted" }), [400, "DuplicateGen"])
      assert.include(yield* check(id), { finished: 1, restarted: 0 })
    }).pipe(embedded())
  )

  it.effect("an overdue worker loses its picture, and all of it once the job expires", () =>
    Effect.gen(function* () {
      const id = yield* ask()
      const { body } = yield* pop()
      yield* TestClock.adjust("4 minutes")
      assert.include(yield* check(id), { processing: 0, waiting: 1, restarted: 1 })
      assert.deepStrictEqual(refused(yield* deliver(body["id"])), [400, "AbortedGen"])
      const again = yield* pop()
      assert.notStrictEqual(again.body["id"], body["id"])
      yield* TestClock.adjust("30 minutes")
      assert.deepStrictEqual(refused(yield* deliver(again.body["id"])), [404, "InvalidJobID"])
    }).pipe(embedded())
  )

  it.effect("a third failure of a worker ends the job at the next sweep", () =>
    Effect.gen(function* () {
      const id = yield* ask({ params: { steps: 8, n: 4 } })
      const fail = Effect.flatMap(pop(), ({ body }) => deliver(body["id"], { state: "faulted" }))
      yield* fail
      yield* fail
      yield* TestClock.adjust("1 minute")
      assert.include(yield* check(id), { restarted: 2, waiting: 4, faulted: false, done: false })
      yield* fail
      yield* TestClock.adjust("59 seconds")
      assert.include(yield* check(id), { restarted: 3, faulted: false })
      yield* TestClock.adjust("1 second")
      assert.include(yield* check(id), { restarted: 3, faulted: true, done: true })
      assert.isNull((yield* pop()).body["id"])
    }).pipe(embedded())
  )

  it.effect("a worker may deliver a censored picture and metadata", () =>
    Effect.gen(function* () {
      const id = yield* ask({ params: { steps: 8, n: 4 } })
      const remarks = [
        [{ type: "censorship", value: "nsfw" }],
        [{ type: "information", value: "see_ref", ref: "a note" }]
      ]
      yield* deliver((yield* pop()).body["id"], { generation: "abcd", gen_metadata: remarks[0] })
      yield* deliver((yield* pop()).body["id"], { generation: "abcd", gen_metadata: remarks[1] })
      yield* deliver((yield* pop()).body["id"], { generation: "abcd", state: "csam" })
      const many = Array.from({ length: 51 }, () => ({ type: "lora", value: "download_failed" }))
      // The metadata is too long, but the picture has been accepted.
      assert.deepStrictEqual(refused(yield* deliver((yield* pop()).body["id"], { gen_metadata: many })), [
        400,
        "BadRequest"
      ])
      const done = yield* status(id)
      assert.include(done, { finished: 4, done: true })
      const said = (done["generations"] as ReadonlyArray<Record<string, any>>).map(({ censored, gen_metadata }) => [
        censored,
        gen_metadata
      ])
      assert.deepStrictEqual(said, [
        [true, remarks[0]],
        [false, remarks[1]],
        [false, []],
        [false, many]
      ])
      // Censored pictures cost one each; the tax is 3, a picture of this size 5.
      assert.strictEqual(done["kudos"], 3 + 1 + Math.round(3 * (4.06 + 1)))
    }).pipe(embedded())
  )

  it.effect("external and built-in workers share the queue", () =>
    Effect.gen(function* () {
      const id = yield* ask({ params: { steps: 8, n: 2 } })
      const { body } = yield* pop()
      yield* TestClock.adjust("10 seconds")
      assert.include(yield* check(id), { finished: 1, processing: 1, waiting: 0 })
      // One takes the picture that the other returned.
      assert.deepStrictEqual((yield* deliver(body["id"], { state: "faulted" })).body, { reward: 0 })
      yield* TestClock.adjust("10 seconds")
      assert.include(yield* check(id), { finished: 2, restarted: 1, done: true })
      assert.strictEqual((yield* theJob).state, "finished")
    }).pipe(embedded({ worker: {} }))
  )

  it.effect("a worker may pop 60 times a second from one address", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.all(Array.from({ length: 61 }, () => deliver("hello")))
      assert.include(answers[0]?.headers, { "x-ratelimit-limit": "60", "x-ratelimit-remaining": "59" })
      assert.deepStrictEqual(refused(answers[59] ?? { status: 0, body: {} }), [404, "InvalidJobID"])
      assert.deepStrictEqual(answers[60]?.body, { message: "60 per 1 second" })
      assert.strictEqual((yield* pop()).status, 200)
    }).pipe(embedded())
  )

  it.effect("the requests of a worker are in the server's record", () =>
    Effect.gen(function* () {
      const id = yield* ask()
      const { body } = yield* pop()
      yield* put(body["r2_upload"], picture)
      yield* deliver(body["id"])
      const exchanges = yield* Effect.flatMap(HordeServer.HordeServer, (server) => server.exchanges)
      assert.deepStrictEqual(
        exchanges.map(({ account, requestId, route }) => [route, account, requestId]),
        [
          ["/v2/generate/async", "plain", id],
          ["/v2/generate/pop", "worker", id],
          ["/uploads/:id", undefined, undefined],
          ["/v2/generate/submit", "worker", id]
        ]
      )
    }).pipe(embedded())
  )

  it.live("an external worker works over a socket", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      const { body } = yield* pop()
      assert.strictEqual((yield* put(body["r2_upload"], picture)).status, 200)
      assert.strictEqual((yield* deliver(body["id"])).status, 200)
      const [generation] = (yield* status(id))["generations"]
      assert.deepStrictEqual((yield* fetched(generation.img)).bytes, picture)
    }).pipe(Effect.provide(Layer.merge(HordeServer.layer({ port: 0, worker: false }), FetchHttpClient.layer)))
  )
})
