import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, cancel, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

const getRequest = (id: string, key?: string, headers: Record<string, string> = {}) =>
  call("GET", `/v2/generate/request/${id}`, { headers, ...(key === undefined ? {} : { key }) })

const order = (body: object, key: string = Accounts.ownerKey) =>
  Effect.map(call("POST", "/v2/generate/async", { key, body }), ({ body, status, text }) => {
    if (status !== 202) throw new Error(`a submit was answered with ${status}: ${text}`)
    return body["id"] as string
  })

const keyWith = (body: object, key: string = Accounts.ownerKey) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key, body }), ({ body }) => body["id"] as string)

const refused = (id: string, key?: string) =>
  Effect.map(getRequest(id, key), ({ body, status }) => [status, body["rc"]])

const picture = "iVBORw0KGgoAAAANSUhEUg=="

describe("generate/request", () => {
  it.effect("generate/request returns the request with the server's defaults", () =>
    Effect.gen(function* () {
      const bare = yield* order({ prompt: "a bay ### people" })
      const { body, headers, status } = yield* getRequest(bare, Accounts.ownerKey)
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["cache-control"], "private, no-store")
      assert.deepStrictEqual(body, {
        prompt: "a bay ### people",
        params: {
          n: 1,
          width: 512,
          height: 512,
          steps: 30,
          cfg_scale: 5,
          sampler_name: "k_euler_a",
          karras: true
        },
        nsfw: true,
        trusted_workers: false,
        validated_backends: false,
        slow_workers: true,
        extra_slow_workers: false,
        censor_nsfw: true,
        workers: [],
        worker_blacklist: false,
        models: ["stable_diffusion"],
        source_processing: "img2img",
        r2: true,
        shared: false,
        disable_batching: false
      })

      const params = {
        width: 640,
        height: 448,
        steps: 12,
        n: 2,
        cfg_scale: 7.25,
        sampler_name: "k_lms",
        karras: false,
        scheduler: "beta",
        seed: "42",
        seed_variation: 3,
        clip_skip: 2,
        post_processing: ["GFPGAN"],
        post_processing_order: "facefixers_first",
        use_nsfw_censor: false,
        loras: [{ name: "ink", model: 0.5 }],
        tis: [{ name: "7808", strength: 0.9 }]
      }
      const rest = {
        nsfw: false,
        trusted_workers: true,
        validated_backends: true,
        slow_workers: false,
        extra_slow_workers: true,
        censor_nsfw: false,
        worker_blacklist: true,
        models: ["Deliberate", "Fustercluck"],
        r2: false,
        disable_batching: true,
        webhook: "https://hook.example.invalid/"
      }
      const full = yield* order({ prompt: "a bay", params, ...rest })
      assert.deepStrictEqual((yield* getRequest(full, Accounts.ownerKey)).body, {
        prompt: "a bay",
        params,
        ...rest,
        workers: [],
        source_processing: "img2img",
        shared: false
      })
    }).pipe(embedded())
  )

  it.effect("generate/request omits unknown fields and those that only affect the submit", () =>
    Effect.gen(function* () {
      const steering = { allow_downgrade: true, replacement_filter: false, dry_run: false }
      const id = yield* order({ prompt: "a bay", unheard: 1, params: { steps: 8, unheard: 2 }, ...steering })
      const { body } = yield* getRequest(id, Accounts.ownerKey)
      for (const name of ["unheard", "style", ...Object.keys(steering)]) assert.notProperty(body, name)
      assert.notProperty(body["params"], "unheard")
      assert.strictEqual(body["params"].steps, 8)
    }).pipe(embedded())
  )

  it.effect("generate/request returns a request that can be sent again", () =>
    Effect.gen(function* () {
      const first = yield* order({ prompt: "a bay", params: { n: 2, seed: "7" }, source_image: picture })
      const { body } = yield* getRequest(first, Accounts.ownerKey)
      const second = yield* order(body)
      const again = (yield* getRequest(second, Accounts.ownerKey)).body
      assert.deepStrictEqual({ ...again, source_image: body["source_image"] }, body)
    }).pipe(embedded())
  )

  it.effect("generate/request returns the server's own references to pictures", () =>
    Effect.gen(function* () {
      const id = yield* order({
        prompt: "a bay",
        source_image: picture,
        source_mask: picture,
        source_processing: "remix",
        models: ["Stable Cascade 1.0"],
        extra_source_images: [{ image: picture, strength: 0.5, original_url: "https://example.invalid/" }]
      })
      const { body, text } = yield* getRequest(id, Accounts.ownerKey)
      assert.notInclude(text, picture)
      assert.match(body["source_image"], /^http:.*_src\.webp$/)
      assert.match(body["source_mask"], /^http:.*_msk\.webp$/)
      assert.strictEqual(body["source_processing"], "remix")
      assert.deepStrictEqual(Object.keys(body["extra_source_images"][0]), ["image", "strength", "original_url"])
      assert.match(body["extra_source_images"][0].image, /^http:.*_esi_0\.webp$/)
    }).pipe(embedded())
  )

  it.effect("generate/request returns the changed size and steps", () =>
    Effect.gen(function* () {
      const id = yield* order({
        prompt: "a bay",
        params: { control_type: "canny", steps: 60 },
        source_image: picture
      })
      assert.include((yield* getRequest(id, Accounts.ownerKey)).body["params"], { control_type: "canny", steps: 40 })
    }).pipe(embedded())
  )

  it.effect("generate/request allows only the key of the submit, and no anonymous caller", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      assert.strictEqual((yield* getRequest(id, Accounts.plainKey)).status, 200)
      assert.strictEqual((yield* getRequest(id)).status, 400)
      assert.deepStrictEqual(yield* refused(id, "a_secret_of_somebody"), [401, "InvalidAPIKey"])
      // moderators included
      assert.deepStrictEqual(yield* refused(id, Accounts.ownerKey), [403, "NotRequestOwner"])
      const nobodys = yield* submit("a bay", { key: Accounts.anonymousKey })
      assert.deepStrictEqual(yield* refused(nobodys, Accounts.anonymousKey), [403, "AnonForbidden"])
      assert.deepStrictEqual(yield* refused(id, Accounts.anonymousKey), [403, "AnonForbidden"])
    }).pipe(embedded())
  )

  it.effect("generate/request allows the shared key of the submit and its owner", () =>
    Effect.gen(function* () {
      const [submitting, other] = [yield* keyWith({}), yield* keyWith({})]
      const id = yield* submit("a bay", { key: submitting })
      for (const key of [submitting, submitting.toUpperCase(), Accounts.ownerKey]) {
        assert.strictEqual((yield* getRequest(id, key)).body["prompt"], "a bay")
      }
      for (const key of [other, Accounts.plainKey]) {
        assert.deepStrictEqual(yield* refused(id, key), [403, "NotRequestOwner"])
      }
      const owners = yield* submit("a bay", { key: Accounts.ownerKey })
      assert.deepStrictEqual(yield* refused(owners, submitting), [403, "NotRequestOwner"])
    }).pipe(embedded())
  )

  it.effect("generate/request returns cancelled jobs and no expired ones", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      yield* cancel(id)
      assert.strictEqual((yield* getRequest(id, Accounts.plainKey)).status, 200)
      const unknown = "00000000-0000-4000-8000-000000000000"
      assert.deepStrictEqual(yield* refused(unknown, Accounts.plainKey), [404, "RequestNotFound"])
      yield* TestClock.adjust("22 minutes")
      assert.deepStrictEqual(yield* refused(id, Accounts.plainKey), [404, "RequestNotFound"])
    }).pipe(embedded())
  )

  it.effect("generate/request has one window for all ids", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      for (const [asked, left] of [
        [id, "89"],
        ["another", "88"]
      ] as const) {
        const { headers } = yield* getRequest(asked, Accounts.plainKey)
        assert.deepStrictEqual([headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]], ["90", left])
      }
    }).pipe(embedded())
  )

  it.effect("generate/request is an unknown path on an older server", () =>
    Effect.gen(function* () {
      const id = yield* submit("a bay")
      const here = yield* getRequest(id, Accounts.plainKey)
      const nowhere = yield* call("GET", "/v2/nowhere", { key: Accounts.plainKey })
      assert.deepStrictEqual([here.status, here.text], [404, nowhere.text])
      assert.match(here.headers["content-type"] ?? "", /^text\/html/)
      assert.notProperty(here.headers, "x-ratelimit-limit")
      const server = yield* HordeServer.HordeServer
      assert.isUndefined((yield* server.exchanges)[1]?.route)
      // and all other paths are unchanged
      assert.strictEqual((yield* call("GET", `/v2/generate/check/${id}`)).status, 200)
    }).pipe(embedded({ exposesRequests: false }))
  )
})
