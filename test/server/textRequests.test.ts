import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call } from "./raw.js"
import { ask, deliverText, outcome, popText, submitText, textStatus } from "./texts.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

/** The outcome of a request with these fields; the limiter does not count it. */
const asked = (body: object, key?: string) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    yield* server.emptyLimiter
    return outcome(yield* ask(body, key))
  })

const accepted = [202, []]

/** The outcome of parameters. */
const params = (params: object) => asked({ params })

const price = (body: object, key?: string) =>
  Effect.map(ask({ ...body, dry_run: true }, key), ({ body, status }) => [status, body])

const sharedKey = (body: object) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key: Accounts.ownerKey, body }), ({ body }) => body["id"] as string)

describe("text requests", () => {
  it.effect("the schema is that of the real server", () =>
    Effect.gen(function* () {
      const refused: ReadonlyArray<readonly [string, object]> = [
        ["prompt", { prompt: 5 }],
        ["prompt", { prompt: null }],
        ["params", { params: "" }],
        ["models", { models: "a" }],
        ["models.0", { models: [1] }],
        ["softprompt", { softprompt: "" }],
        ["style", { style: "ab" }],
        ["webhook", { webhook: 5 }],
        ["dry_run", { dry_run: "yes" }],
        ["params.n", { params: { n: 21 } }],
        ["params.n", { params: { n: 0 } }],
        ["params.max_length", { params: { max_length: 15 } }],
        ["params.max_length", { params: { max_length: 80.5 } }],
        ["params.max_context_length", { params: { max_context_length: 79 } }],
        ["params.max_context_length", { params: { max_context_length: 1_048_577 } }],
        ["params.rep_pen", { params: { rep_pen: 0.9 } }],
        ["params.rep_pen_range", { params: { rep_pen_range: 4097 } }],
        ["params.rep_pen_slope", { params: { rep_pen_slope: 10.1 } }],
        ["params.temperature", { params: { temperature: 5.1 } }],
        ["params.tfs", { params: { tfs: 1.1 } }],
        ["params.top_a", { params: { top_a: 1.1 } }],
        ["params.top_k", { params: { top_k: 201 } }],
        ["params.top_p", { params: { top_p: 0 } }],
        ["params.typical", { params: { typical: -0.1 } }],
        ["params.min_p", { params: { min_p: 1.1 } }],
        ["params.smoothing_factor", { params: { smoothing_factor: 10.1 } }],
        ["params.dynatemp_range", { params: { dynatemp_range: 5.1 } }],
        ["params.dynatemp_exponent", { params: { dynatemp_exponent: -1 } }],
        ["params.singleline", { params: { singleline: 1 } }],
        ["params.sampler_order.0", { params: { sampler_order: ["0"] } }],
        ["params.stop_sequence.0", { params: { stop_sequence: [1] } }]
      ]
      for (const [field, body] of refused) {
        assert.deepStrictEqual(yield* asked(body), [400, [field]], JSON.stringify(body))
      }
      // These are fields of image requests, which text requests do not have.
      assert.deepStrictEqual(yield* asked({ nsfw: "yes", censor_nsfw: 1, r2: [], params: { steps: 0 } }), accepted)
      assert.deepStrictEqual(yield* asked({ softprompt: "any", models: [] }), accepted)
      const lowest = { max_length: 16, max_context_length: 80, temperature: 0, top_p: 0.001, rep_pen: 1 }
      assert.deepStrictEqual(yield* params(lowest), accepted)
    }).pipe(embedded())
  )

  it.effect("newer servers permit longer texts, and fields of their own", () =>
    Effect.gen(function* () {
      const long = { max_length: 4097, max_context_length: 16_384 }
      assert.deepStrictEqual(yield* params({ ...long, max_length: 4096 }).pipe(embedded()), accepted)
      assert.deepStrictEqual(yield* params(long).pipe(embedded()), accepted)
      assert.deepStrictEqual(yield* params({ ...long, max_length: 16_385 }).pipe(embedded()), [
        400,
        ["params.max_length"]
      ])
      assert.deepStrictEqual(yield* asked({ context_fit: "shrink" }).pipe(embedded()), [400, ["context_fit"]])
      const older = embedded({ exposesRequests: false })
      assert.deepStrictEqual(yield* params({ ...long, max_length: 4096 }).pipe(older), accepted)
      assert.deepStrictEqual(yield* params(long).pipe(older), [400, ["params.max_length"]])
      assert.deepStrictEqual(yield* asked({ context_fit: "shrink" }).pipe(older), accepted)
    })
  )

  it.effect("an absent prompt fails validation after the API key, an empty one is refused after the account", () =>
    Effect.gen(function* () {
      const submitted = (body: object, key?: string) =>
        Effect.map(call("POST", "/v2/generate/text/async", { body, ...(key === undefined ? {} : { key }) }), outcome)
      assert.deepStrictEqual(yield* submitted({}), [400, ["apikey"]])
      assert.deepStrictEqual(yield* submitted({}, "nobody"), [400, ["prompt"]])
      assert.deepStrictEqual(yield* submitted({ params: { n: 0 } }, "nobody"), [400, ["params.n"]])
      assert.deepStrictEqual(yield* submitted({ prompt: "" }, "nobody"), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* submitted({ prompt: "" }, Accounts.plainKey), [400, "MissingPrompt"])
    }).pipe(embedded())
  )

  it.effect("requests are refused in the order of the real server", () =>
    Effect.gen(function* () {
      // Each step mends the refused field of the step before.
      const steps: ReadonlyArray<readonly [string, object]> = [
        ["StyleNotFound", { style: "no style" }],
        ["BadRequest", { style: undefined, webhook: "http://example.invalid/" }],
        ["OnlyServiceAccountProxy", { webhook: "https://example.invalid/", proxied_account: "x" }],
        ["TooManyExtraSourceImages.", { proxied_account: undefined, extra_source_images: Array(6).fill({}) }],
        ["MoreThanMinExtraSourceImage.", { extra_source_images: [{}, {}] }],
        ["MissingPrompt", { extra_source_images: [{}] }],
        ["WorkerNotFound", { prompt: "x", workers: ["00000000-0000-4000-8000-000000000000"] }],
        ["RequiresTrust", { workers: [], disable_batching: true }],
        ["TooManyPrompts", { disable_batching: false }],
        ["TokenOverflow", { params: { max_length: 200, max_context_length: 199 } }],
        ["MissingFullSamplerOrder", { params: { sampler_order: [0, 1, 2, 3, 4, 5, 5] } }],
        ["TooManyStopSequences", { params: { stop_sequence: Array.from({ length: 129 }, (_, index) => `${index}`) } }],
        ["ExcessiveStopSequence", { params: { stop_sequence: ["a".repeat(1000), "b".repeat(1001)] } }],
        ["InvalidExtraSourceImages.", { params: {} }],
        ["NulByteInPayload", { extra_source_images: [], prompt: "a\u0000b" }]
      ]
      const overflow = { params: { n: 20, max_length: 200, max_context_length: 199, sampler_order: [] } }
      yield* submitText({ params: { n: 20 } })
      let body: object = { prompt: "", disable_batching: true, ...overflow }
      for (const [rc, changes] of steps) {
        body = { ...body, ...changes }
        assert.strictEqual((yield* asked(body))[1], rc)
      }
      assert.deepStrictEqual(yield* asked({ ...body, prompt: "ab" }), accepted)
    }).pipe(embedded())
  )

  it.effect("repeated stop sequences and samplers count once", () =>
    Effect.gen(function* () {
      const repeated = Array<string>(300).fill("a".repeat(1000))
      assert.deepStrictEqual(yield* params({ stop_sequence: repeated }), accepted)
      assert.deepStrictEqual(yield* params({ stop_sequence: ["é".repeat(2000)] }), accepted)
      assert.deepStrictEqual(yield* params({ sampler_order: [6, 0, 1, 2, 3, 4, 5] }), accepted)
      assert.deepStrictEqual(yield* params({ sampler_order: [] }), [400, "MissingFullSamplerOrder"])
    }).pipe(embedded())
  )

  it.effect("values that the database cannot store make the server fail", () =>
    Effect.gen(function* () {
      const webhook = (length: number) => `https://example.invalid/`.padEnd(length, "a")
      assert.deepStrictEqual(yield* asked({ webhook: webhook(1024) }), accepted)
      assert.deepStrictEqual(yield* asked({ webhook: webhook(1025) }), [500, []])
      const text = '{"prompt": "x", "params": {"temperature": NaN}}'
      const headers = { "content-type": "application/json" }
      const answer = yield* call("POST", "/v2/generate/text/async", { key: Accounts.plainKey, text, headers })
      assert.strictEqual(answer.status, 500)
    }).pipe(embedded())
  )

  it.effect("text and image jobs count separately towards the account's limit", () =>
    Effect.gen(function* () {
      yield* submitText({ params: { n: 20 } })
      yield* submitText({ params: { n: 10 } })
      assert.deepStrictEqual(yield* params({ n: 1 }), [429, "TooManyPrompts"])
      const image = yield* call("POST", "/v2/generate/async", {
        key: Accounts.plainKey,
        body: { prompt: "a bay", params: { n: 20 } }
      })
      assert.strictEqual(image.status, 202)
    }).pipe(embedded())
  )

  it.effect("the filter of prompts does not apply to texts, maintenance does", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* asked({}).pipe(embedded({ corruptPrompt: () => true })), accepted)
      assert.deepStrictEqual(yield* asked({}).pipe(embedded({ maintenance: true })), [400, "MaintenanceMode"])
    })
  )

  it.effect("a job is accepted without a worker, with a message and without warnings", () =>
    Effect.gen(function* () {
      const { body, status } = yield* ask()
      assert.deepStrictEqual([status, Object.keys(body), body["kudos"]], [202, ["id", "kudos", "message"], 0])
      yield* popText({ models: ["other"] })
      assert.deepStrictEqual(Object.keys((yield* ask()).body), ["id", "kudos"])
      assert.deepStrictEqual(Object.keys((yield* ask({ models: ["koboldcpp/LLaMA"] })).body), [
        "id",
        "kudos",
        "message"
      ])
    }).pipe(embedded())
  )

  it.effect("an image worker makes no text job possible", () =>
    Effect.gen(function* () {
      assert.property((yield* ask()).body, "message")
    }).pipe(embedded({ worker: {}, textWorker: false }))
  )
})

describe("prices of texts", () => {
  it.effect("a dry run replies with the price", () =>
    Effect.gen(function* () {
      const long = { max_length: 500, max_context_length: 1024 }
      assert.deepStrictEqual(yield* price({}), [200, { kudos: 37 }])
      assert.deepStrictEqual(yield* price({ params: { n: 2 } }), [200, { kudos: 74 }])
      assert.deepStrictEqual(yield* price({ params: long }), [200, { kudos: 145 }])
      assert.deepStrictEqual(yield* price({ params: long, models: ["koboldcpp/LLaMA"] }), [200, { kudos: 79 }])
      assert.deepStrictEqual(yield* price({ params: long, models: ["a-70B", "b-7b"] }), [200, { kudos: 772 }])
      for (const unknown of ["unknown", "unknown-4bit", "unknown::someone#7"]) {
        assert.deepStrictEqual(yield* price({ params: long, models: [unknown] }), [200, { kudos: 13 }], unknown)
      }
      assert.deepStrictEqual(yield* price({ params: long, models: ["b-7b::someone#70B"] }), [200, { kudos: 79 }])
      assert.deepStrictEqual(yield* Effect.map((yield* HordeServer.HordeServer).jobs, (jobs) => jobs.length), 0)
    }).pipe(embedded())
  )

  it.effect("a known price is returned without checks, a new one is not", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* price({}, "nobody"))[0], 401)
      yield* price({})
      assert.deepStrictEqual(yield* price({ prompt: "other" }, "nobody"), [200, { kudos: 37 }])
      assert.strictEqual((yield* price({ params: { max_length: 81 } }, "nobody"))[0], 401)
      assert.strictEqual((yield* price({ models: ["a-7B"] }, "nobody"))[0], 401)
      yield* TestClock.adjust("2 days")
      assert.strictEqual((yield* price({}, "nobody"))[0], 401)
    }).pipe(embedded())
  )

  it.effect("a text is paid by its length, and a censored one costs 1", () =>
    Effect.gen(function* () {
      const balance = Effect.map(call("GET", "/v2/users/2"), ({ body }) => body["kudos"] as number)
      const delivered = (body: object, changes: object, worker: object = {}) =>
        Effect.gen(function* () {
          yield* submitText(body)
          const { body: job } = yield* popText(worker)
          const { reward } = (yield* deliverText(job["id"], changes)).body
          yield* TestClock.adjust("31 seconds")
          return [reward, yield* balance]
        })
      const text = (tokens: number) => ({ generation: "a".repeat(4 * tokens) })
      assert.deepStrictEqual(yield* delivered({}, text(1)), [1.36, 500 - 3.36])
      assert.deepStrictEqual(yield* delivered({}, text(40)), [2.71, 496.64 - 4.71])
      // Longer than requested: paid as requested.
      assert.deepStrictEqual(yield* delivered({}, text(400)), [5.43, 491.93 - 7.43])
      assert.deepStrictEqual(yield* delivered({}, { ...text(40), state: "censored" }), [2.71, 482.5])
      const [prompted] = yield* delivered({ prompt: "a".repeat(2000), params: { max_length: 512 } }, text(40))
      assert.strictEqual(prompted, 3.68)
      const [large] = yield* delivered({ models: ["a-70B"] }, text(40), { name: "t70", models: ["a-70B"] })
      assert.strictEqual(large, 38)
    }).pipe(embedded())
  )

  it.effect("unknown models and unknown programs of workers earn little", () =>
    Effect.gen(function* () {
      const reward = (worker: object, key?: string) =>
        Effect.gen(function* () {
          yield* submitText()
          const { body } = yield* popText(worker, key)
          return (yield* deliverText(body["id"], { generation: "a".repeat(160) }, key)).body["reward"] as number
        })
      assert.strictEqual(yield* reward({}), 2.71)
      assert.strictEqual(yield* reward({ name: "t2", bridge_agent: "mine:1:-" }), 0.81)
      assert.strictEqual(yield* reward({ name: "t3", models: ["unknown"] }), 1.21)
      assert.strictEqual(yield* reward({ name: "t4", models: ["unknown"] }, Accounts.ownerKey), 1.31)
    }).pipe(embedded())
  )

  it.effect("large texts need kudos upfront, and a downgrade makes them shorter", () =>
    Effect.gen(function* () {
      const poor = [{ ...Accounts.anonymous, role: "poor", apiKey: "poor", id: 9, alias: "poor", kudos: 30 }]
      const server = embedded({ accounts: poor })
      const params = { max_length: 513, max_context_length: 2048 }
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* asked({ params: { ...params, max_length: 512 } }, "poor"), accepted)
        assert.deepStrictEqual(yield* asked({ params }, "poor"), [403, "KudosUpfront"])
        assert.deepStrictEqual(yield* asked({ slow_workers: false }, "poor"), [403, "KudosUpfront"])
        const id = yield* submitText({ params, allow_downgrade: true }, "poor")
        const { body } = yield* call("GET", `/v2/generate/text/request/${id}`, { key: "poor" })
        // One text is waiting already, so that one token less is free.
        assert.strictEqual(body["params"].max_length, 511)
      }).pipe(server)
    })
  )
})

describe("texts by shared keys", () => {
  it.effect("a shared key limits the length of a text", () =>
    Effect.gen(function* () {
      const key = yield* sharedKey({ kudos: -1, max_text_tokens: 50, max_image_pixels: 1, max_image_steps: 1 })
      const { body, status } = yield* ask({ params: { max_length: 51 } }, key)
      assert.deepStrictEqual([status, body["rc"]], [400, "BadRequest"])
      assert.include(body["message"], "50")
      assert.include(body["message"], "51")
      assert.deepStrictEqual(yield* asked({ params: { max_length: 50, n: 20 } }, key), accepted)
      const unlimited = yield* sharedKey({ kudos: -1, max_image_pixels: 1 })
      assert.deepStrictEqual(yield* asked({ params: { max_length: 512 } }, unlimited), accepted)
    }).pipe(embedded())
  )

  it.effect("a shared key must cover the estimate", () =>
    Effect.gen(function* () {
      const insufficient = [403, "SharedKeyInsufficientKudos"]
      const key = yield* sharedKey({ kudos: 40 })
      assert.deepStrictEqual(yield* asked({ params: { n: 3 } }, key), insufficient)
      assert.deepStrictEqual(yield* asked({ params: { n: 3 }, allow_downgrade: true }, key), accepted)
      assert.deepStrictEqual(yield* asked({ params: { n: 1, max_length: 512 }, models: ["a-7B"] }, key), insufficient)
      assert.deepStrictEqual(yield* asked({ params: { n: 1 }, models: ["a-7B", "b-13B"] }, key), insufficient)
      assert.deepStrictEqual(yield* asked({ params: { n: 1 }, models: ["a-7B"] }, key), accepted)
    }).pipe(embedded())
  )

  it.effect("a shared key is charged for the tax and for each text, and takes its jobs with it", () =>
    Effect.gen(function* () {
      const key = yield* sharedKey({ kudos: 100 })
      const details = Effect.map(call("GET", `/v2/sharedkeys/${key}`), ({ body }) => [body["kudos"], body["utilized"]])
      const id = yield* submitText({}, key)
      assert.deepStrictEqual(yield* details, [99, 1])
      yield* deliverText((yield* popText()).body["id"], { generation: "a".repeat(320) })
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* details, [93, 7])
      assert.include(yield* textStatus(id), { kudos: 7, done: true })
      yield* call("DELETE", `/v2/sharedkeys/${key}`, { key: Accounts.ownerKey })
      assert.strictEqual((yield* call("GET", `/v2/generate/text/status/${id}`)).status, 404)
    }).pipe(embedded())
  )
})

describe("generate/text/request", () => {
  const path = (id: string) => `/v2/generate/text/request/${id}`

  it.effect("returns the request with the server's defaults", () =>
    Effect.gen(function* () {
      const read = (id: string) => call("GET", path(id), { key: Accounts.plainKey })
      const plain = yield* read(yield* submitText())
      assert.deepStrictEqual(plain.body, {
        prompt: "Once upon a time",
        params: { n: 1, max_context_length: 2048, max_length: 80 },
        trusted_workers: false,
        validated_backends: false,
        slow_workers: true,
        extra_slow_workers: false,
        workers: [],
        worker_blacklist: false,
        models: [],
        disable_batching: false
      })
      assert.strictEqual(plain.headers["cache-control"], "private, no-store")
      const style = { name: "plain", prompt: "{p}", models: ["b"] }
      yield* call("POST", "/v2/styles/text", { key: Accounts.ownerKey, body: style })
      const id = yield* submitText({
        style: "plain",
        params: { temperature: 0.7, stop_sequence: ["\n"], unknown: 1, max_length: 100 },
        models: ["a"],
        softprompt: "lost",
        dry_run: false,
        allow_downgrade: true,
        context_fit: "grow",
        template_fields: { a: "b" },
        webhook: "https://example.invalid/"
      })
      const { body } = yield* read(id)
      assert.deepStrictEqual(body["params"], {
        temperature: 0.7,
        stop_sequence: ["\n"],
        n: 1,
        max_context_length: 2048,
        max_length: 100
      })
      assert.deepInclude(body, {
        models: ["a"],
        context_fit: "grow",
        template_fields: { a: "b" },
        webhook: "https://example.invalid/"
      })
      for (const name of ["softprompt", "dry_run", "allow_downgrade"]) assert.notProperty(body, name)
    }).pipe(embedded())
  )

  it.effect("needs the API key that submitted it", () =>
    Effect.gen(function* () {
      const key = yield* sharedKey({ kudos: 100 })
      const id = yield* submitText({}, key)
      const read = (key?: string) => Effect.map(call("GET", path(id), key === undefined ? {} : { key }), outcome)
      assert.deepStrictEqual(yield* read(), [400, ["apikey"]])
      assert.deepStrictEqual(yield* read("nobody"), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(yield* read(Accounts.anonymousKey), [403, "AnonForbidden"])
      assert.deepStrictEqual(yield* read(Accounts.plainKey), [403, "NotRequestOwner"])
      assert.deepStrictEqual(yield* read(Accounts.ownerKey), [200, []])
      assert.deepStrictEqual(yield* read(key), [200, []])
    }).pipe(embedded())
  )

  it.effect("an older server does not have the path", () =>
    Effect.gen(function* () {
      const answer = yield* call("GET", path(yield* submitText()), { key: Accounts.plainKey })
      assert.strictEqual(answer.status, 404)
      assert.include(answer.text, "<h1>Not Found</h1>")
    }).pipe(embedded({ exposesRequests: false }))
  )
})
