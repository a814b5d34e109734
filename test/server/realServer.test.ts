/** What the real server accepts, refuses and returns, where a simpler server would differ. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { deliver, pop } from "./outside.js"
import { type Answer, call, check, submit } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, worker: false, limits: "raised", ...options }))

const outcome = ({ body, status }: Pick<Answer, "status" | "body">): ReadonlyArray<unknown> => [
  status,
  body["rc"] ?? Object.keys(body["errors"] ?? {})
]

const accepted = [202, []]

/** Submits a request, with the limits of a first request. */
const ask = (changes: object, key: string = Accounts.plainKey) =>
  Effect.gen(function* () {
    const server = yield* HordeServer.HordeServer
    yield* server.emptyLimiter
    return yield* call("POST", "/v2/generate/async", {
      key,
      body: { prompt: "a bay", params: { steps: 8 }, ...changes }
    })
  })

const asked = (changes: object, key?: string) => Effect.map(ask(changes, key), outcome)

const withParams = (params: object, changes: object = {}) => asked({ params: { steps: 8, ...params }, ...changes })

/** Sends a text as it is, in a form that no JSON library of ours would write. */
const raw = (method: "POST" | "PUT" | "PATCH", path: string, text: string, key: string = Accounts.plainKey) =>
  Effect.gen(function* () {
    yield* Effect.flatMap(HordeServer.HordeServer, ({ emptyLimiter }) => emptyLimiter)
    return yield* call(method, path, { key, text, headers: { "content-type": "application/json" } })
  })

const rawParams = (params: string) =>
  Effect.map(raw("POST", "/v2/generate/async", `{"prompt":"a bay","params":${params}}`), outcome)

const newKey = (body: object = {}) =>
  Effect.map(call("PUT", "/v2/sharedkeys", { key: Accounts.ownerKey, body }), ({ body }) => body["id"] as string)

const image = "iVBORw0KGgoAAAANSUhEUg=="
const cascade = { models: ["Stable Cascade 1.0"] }
const flux = { models: ["Flux.1-Schnell fp8 (Compact)"] }
const sdxl = { models: ["AlbedoBase XL (SDXL)"] }

describe("refused image requests", () => {
  it.effect("a workflow without its texts, and texts without a workflow, are refused", () =>
    Effect.gen(function* () {
      const qr = { workflow: "qr_code" }
      assert.deepStrictEqual(yield* withParams(qr), [400, "MissingExtraTexts."])
      assert.deepStrictEqual(yield* withParams({ ...qr, extra_texts: [] }), [400, "MissingExtraTexts."])
      const other = [{ text: "https://example.invalid", reference: "title" }]
      assert.deepStrictEqual(yield* withParams({ ...qr, extra_texts: other }), [400, "MissingExtraTexts."])
      const texts = [{ text: "https://example.invalid", reference: "qr_code" }]
      assert.deepStrictEqual(yield* withParams({ ...qr, extra_texts: texts }), accepted)
      assert.deepStrictEqual(yield* withParams({ ...qr, extra_texts: texts }, flux), [400, "ControlNetMismatch."])
      assert.deepStrictEqual(yield* withParams({ extra_texts: [{}] }), [400, "InvalidExtraTexts."])
      assert.deepStrictEqual(yield* withParams({ extra_texts: texts }), [400, "InvalidExtraTexts."])
      assert.deepStrictEqual(yield* withParams({ extra_texts: [] }), accepted)
    }).pipe(embedded())
  )

  it.effect("parameters of special accounts are refused to others", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* withParams({ special: { a: 1 } }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* withParams({ special: {} }), accepted)
      assert.deepStrictEqual(yield* asked({ models: ["horde_special::plain#2"] }), [403, "Forbidden"])
    }).pipe(embedded())
  )

  it.effect("a LoRA version that is no number is refused", () =>
    Effect.gen(function* () {
      const lora = (fields: object) => withParams({ loras: [{ name: "ink", ...fields }] })
      assert.deepStrictEqual(yield* lora({ is_version: true }), [400, "BadLoraVersion"])
      assert.deepStrictEqual(yield* lora({ is_version: true, name: "-7" }), [400, "BadLoraVersion"])
      assert.deepStrictEqual(yield* lora({ is_version: true, name: "7808" }), accepted)
      assert.deepStrictEqual(yield* lora({ is_version: false }), accepted)
    }).pipe(embedded())
  )

  it.effect("parameters that the models do not support are refused", () =>
    Effect.gen(function* () {
      const remix = { source_processing: "remix", source_image: image }
      assert.deepStrictEqual(yield* asked({ ...remix }), [400, "InvalidRemix"])
      assert.deepStrictEqual(yield* asked({ ...remix, ...cascade }), accepted)
      assert.deepStrictEqual(yield* asked({ ...remix, models: [] }), accepted)
      assert.deepStrictEqual(yield* withParams({ hires_fix: true }, flux), [400, "HiResMismatch"])
      for (const model of ["Qwen-Image_fp8", "Z-Image-Turbo"]) {
        assert.deepStrictEqual(yield* withParams({ hires_fix: true }, { models: [model] }), [400, "HiResMismatch"])
      }
      assert.deepStrictEqual(yield* withParams({ hires_fix: false }, flux), accepted)
      assert.deepStrictEqual(yield* withParams({ hires_fix: true }, sdxl), accepted)
      assert.deepStrictEqual(yield* withParams({ transparent: true }, cascade), [400, "InvalidTransparencyModel"])
      assert.deepStrictEqual(yield* withParams({ transparent: true }, sdxl), accepted)
      const source = { source_image: image }
      assert.deepStrictEqual(yield* withParams({ transparent: true }, source), [400, "InvalidTransparencyImg2Img"])
      const canny = { control_type: "canny" }
      assert.deepStrictEqual(yield* withParams(canny, { ...source, ...sdxl }), [400, "ControlNetMismatch"])
      assert.deepStrictEqual(yield* withParams(canny, { ...source, source_processing: "inpainting" }), [
        400,
        "ControlNetInpaintingMismatch"
      ])
      assert.deepStrictEqual(yield* withParams(canny, { ...source, models: ["pix2pix"] }), [
        400,
        "ControlNetUnsupported"
      ])
      assert.deepStrictEqual(yield* asked({ models: ["pix2pix"] }), [400, "SourceImageRequiredForModel"])
      assert.deepStrictEqual(yield* asked({ models: ["GFPGAN"] }), [400, "UnexpectedModelName"])
    }).pipe(embedded())
  )

  it.effect("extra source images are refused without remix, and if they are invalid", () =>
    Effect.gen(function* () {
      const remix = { ...cascade, source_processing: "remix", source_image: image }
      const extras = (images: ReadonlyArray<object>, changes: object = {}) =>
        asked({ extra_source_images: images, ...changes })
      assert.deepStrictEqual(yield* extras([{}]), [400, "InvalidExtraSourceImages."])
      assert.deepStrictEqual(yield* extras([{ image }]), [400, "InvalidExtraSourceImages."])
      assert.deepStrictEqual(yield* extras([]), accepted)
      assert.deepStrictEqual(yield* extras([{ image, original_url: "https://example.invalid/" }], remix), accepted)
      assert.deepStrictEqual(yield* extras([{ image: "!!!!" }], remix), [400, "ImageValidationFailed"])
      assert.deepStrictEqual(yield* extras([{}], remix), [500, []])
    }).pipe(embedded())
  )

  it.effect("images that Python cannot read are refused", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* asked({ source_image: image }), accepted)
      const address = `data:image/png;base64,${image}`
      assert.deepStrictEqual(yield* asked({ source_image: address }), [400, "ImageValidationFailed"])
      assert.deepStrictEqual(yield* asked({ source_image: image, source_mask: "!!!!" }), [400, "ImageValidationFailed"])
    }).pipe(embedded())
  )

  it.effect("a guidance scale with more than two decimals is refused, NaN included", () =>
    Effect.gen(function* () {
      for (const scale of ["7.123", "NaN", "0.000001"]) {
        assert.deepStrictEqual(yield* rawParams(`{"cfg_scale":${scale}}`), [400, "BadCFGDecimals"], scale)
      }
      for (const scale of ["7.25", "0.29", "7.0", "1e1"]) {
        assert.deepStrictEqual(yield* rawParams(`{"steps":8,"cfg_scale":${scale}}`), accepted, scale)
      }
      assert.deepStrictEqual(yield* rawParams(`{"cfg_scale":Infinity}`), [400, ["params.cfg_scale"]])
      assert.deepStrictEqual(yield* rawParams(`{"cfg_scale":-Infinity}`), [400, ["params.cfg_scale"]])
    }).pipe(embedded())
  )

  it.effect("whole numbers that Python reads as floats are refused", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rawParams(`{"width":512.0,"steps":8e0,"n":NaN}`), [
        400,
        ["params.width", "params.steps", "params.n"]
      ])
      assert.deepStrictEqual(yield* rawParams(`{"width":512,"steps":8,"denoising_strength":1.0}`), accepted)
      // a number that PostgreSQL's JSON does not have breaks the server's statement
      assert.deepStrictEqual(yield* rawParams(`{"denoising_strength":NaN}`), [500, []])
    }).pipe(embedded())
  )

  it.effect("NUL is refused in every text that is stored", () =>
    Effect.gen(function* () {
      const nul = "a\u0000b"
      assert.deepStrictEqual(yield* asked({ models: [nul] }), [400, "NulByteInPayload"])
      assert.deepStrictEqual(yield* asked({ webhook: `https://example.invalid/${nul}` }), [400, "NulByteInPayload"])
      assert.deepStrictEqual(yield* withParams({ seed: nul }), [400, "NulByteInPayload"])
      assert.deepStrictEqual(yield* withParams({ loras: [{ name: nul }] }), [400, "NulByteInPayload"])
      for (const [method, path] of [
        ["PUT", "/v2/sharedkeys"],
        ["PATCH", `/v2/sharedkeys/${yield* newKey()}`]
      ] as const) {
        const answer = yield* call(method, path, { key: Accounts.ownerKey, body: { name: nul } })
        assert.deepStrictEqual(outcome(answer), [400, "NulByteInPayload"])
      }
      assert.deepStrictEqual(outcome(yield* pop({ name: nul })), [400, "NulByteInPayload"])
    }).pipe(embedded())
  )

  it.effect("a long prompt is refused only if the filter matches", () =>
    Effect.gen(function* () {
      const long = "x".repeat(7001)
      assert.deepStrictEqual(yield* asked({ prompt: long }), accepted)
      assert.deepStrictEqual(yield* asked({ prompt: `${long} bad` }), [400, "BadRequest"])
      assert.deepStrictEqual(yield* asked({ prompt: `${long} bad`, replacement_filter: false }), [400, "CorruptPrompt"])
      assert.deepStrictEqual(yield* asked({ prompt: "bad" }), [400, "CorruptPrompt"])
      assert.deepStrictEqual(yield* asked({ prompt: " x".repeat(7500) }), accepted)
      assert.deepStrictEqual(yield* asked({ prompt: " x".repeat(7501) }), [400, "InvalidPromptSize"])
    }).pipe(embedded({ corruptPrompt: (prompt) => prompt.includes("bad") }))
  )
})

describe("absent values in Python", () => {
  it.effect("empty images, masks and accounts count as absent", () =>
    Effect.gen(function* () {
      const plain = (yield* ask({})).body["kudos"]
      const { body, status } = yield* ask({ source_image: "", source_mask: "", proxied_account: "" })
      assert.deepStrictEqual([status, body["kudos"]], [202, plain])
      assert.deepStrictEqual(yield* asked({ source_mask: image, source_image: "" }), [400, "SourceMaskUnnecessary"])
      const job = (yield* pop()).body
      assert.deepInclude(job, { source_image: null, source_mask: null })
    }).pipe(embedded())
  )

  it.effect("an empty API key counts as absent where none is required", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(outcome(yield* call("GET", "/v2/find_user", { key: "" })), [401, "InvalidAPIKey"])
      assert.deepStrictEqual(outcome(yield* call("GET", "/v2/users/2", { key: "" })), [200, []])
      assert.deepStrictEqual(yield* asked({}, ""), [401, "InvalidAPIKey"])
    }).pipe(embedded())
  )
})

/** The forms of an id that Python's `uuid.UUID` accepts. */
const formsOf = (id: string): ReadonlyArray<string> => [
  id,
  id.toUpperCase(),
  id.replaceAll("-", ""),
  `{${id}}`,
  `urn:uuid:${id}`,
  id.replaceAll("-", "").replace(/^(..)/, "$1-")
]

describe("ids", () => {
  it.effect("a job's id is accepted in every form that Python accepts", () =>
    Effect.gen(function* () {
      const key = yield* newKey({ name: "demo" })
      const routes = {
        get: (form: string) => call("GET", `/v2/sharedkeys/${encodeURIComponent(form)}`),
        modify: (form: string) =>
          call("PATCH", `/v2/sharedkeys/${encodeURIComponent(form)}`, { key: Accounts.ownerKey, body: { kudos: 900 } }),
        use: (form: string) => ask({}, form),
        find: (form: string) => call("GET", "/v2/find_user", { key: form }),
        transfer: (form: string) =>
          Effect.zipRight(
            TestClock.adjust("2 seconds"),
            call("POST", "/v2/kudos/transfer", { key: Accounts.plainKey, body: { username: form, amount: 1 } })
          )
      }
      for (const form of formsOf(key)) {
        for (const [name, route] of Object.entries(routes)) {
          assert.include([200, 202], (yield* route(form)).status, `${name} ${form}`)
        }
      }
      const id = yield* submit("a bay")
      for (const form of formsOf(id)) {
        yield* Effect.flatMap(HordeServer.HordeServer, ({ emptyLimiter }) => emptyLimiter)
        for (const path of ["check", "status", "request"]) {
          const address = `/v2/generate/${path}/${encodeURIComponent(form)}`
          assert.strictEqual((yield* call("GET", address, { key: Accounts.plainKey })).status, 200, address)
        }
      }
      const { exchanges } = yield* HordeServer.HordeServer
      const about = (yield* exchanges).filter(({ route }) => route?.startsWith("/v2/generate/check") === true)
      assert.deepStrictEqual([...new Set(about.map(({ requestId }) => requestId))], [id])
      for (const none of [`${id}0`, id.slice(1), `x${id.slice(1)}`, "{}", ""]) {
        assert.strictEqual((yield* call("GET", `/v2/generate/check/${none}`)).status, 404, none)
      }
    }).pipe(embedded())
  )

  it.effect("ids of workers and of their jobs are accepted in other forms too", () =>
    Effect.gen(function* () {
      yield* pop()
      const own = yield* call("GET", "/v2/find_user", { key: Accounts.workerKey })
      const worker = own.body["worker_ids"][0] as string
      const forms = formsOf(worker)
      for (const form of forms) {
        assert.deepStrictEqual(yield* asked({ workers: [form] }), accepted, form)
        const job = (yield* pop()).body["id"] as string
        assert.isString(job, form)
        const answer = yield* deliver(formsOf(job)[forms.indexOf(form)] ?? "", { generation: "abcd" })
        assert.deepStrictEqual(outcome(answer), [200, []])
      }
    }).pipe(embedded())
  )
})

describe("arguments", () => {
  const keyText = (text: string) => raw("PUT", "/v2/sharedkeys", text, Accounts.ownerKey)

  it.effect("an argument is converted to a whole number as in Python", () =>
    Effect.gen(function* () {
      const key = yield* newKey()
      const kudos = (json: string) =>
        Effect.map(raw("PATCH", `/v2/sharedkeys/${key}`, `{"kudos":${json}}`, Accounts.ownerKey), ({ body, status }) =>
          status === 200 ? body["kudos"] : [status, Object.keys(body["errors"] ?? {})]
        )
      for (const [json, value] of [
        ['"\u0663"', 3],
        ['"\uff11\uff12"', 12],
        ['"\u00a0+1_000\u2003"', 1000],
        ['"-7"', -7],
        ["1.9e0", 1],
        ["true", 1]
      ] as const) {
        assert.deepStrictEqual(yield* kudos(json), value, json)
      }
      for (const json of ["NaN", "Infinity", "-Infinity", '"NaN"', '"1.5"', '"1__0"', '"\ufeff1"', '""', "[]", "{}"]) {
        assert.deepStrictEqual(yield* kudos(json), [400, ["kudos"]], json)
      }
      assert.deepStrictEqual(yield* kudos(`"${"9".repeat(60_000)}"`), [400, ["kudos"]])
    }).pipe(embedded())
  )

  it.effect("an argument is converted to text as in Python", () =>
    Effect.gen(function* () {
      const key = yield* newKey()
      for (const [json, text] of [
        ["true", "True"],
        ["false", "False"],
        ["12", "12"],
        ["1.50", "1.5"],
        ["2.0", "2.0"],
        ["1e16", "1e+16"],
        ["0.00001", "1e-05"],
        ["NaN", "nan"],
        ['[1, null, "it\'s"]', '[1, None, "it\'s"]'],
        ['{"a": [true, 1.0]}', "{'a': [True, 1.0]}"]
      ] as const) {
        const { body } = yield* raw("PATCH", `/v2/sharedkeys/${key}`, `{"name":${json}}`, Accounts.ownerKey)
        assert.strictEqual(body["name"], text, json)
      }
      assert.strictEqual((yield* keyText(`{"name":${JSON.stringify("\u{1f600}".repeat(255))}}`)).status, 200)
      assert.strictEqual((yield* keyText(`{"name":${JSON.stringify("\u{1f600}".repeat(256))}}`)).status, 500)
    }).pipe(embedded())
  )

  it.effect("an expiry beyond the server's dates fails with status 500", () =>
    Effect.gen(function* () {
      const key = yield* newKey({ kudos: 5 })
      for (const expiry of [1e7, 1e9, -1e7]) {
        const changed = yield* call("PATCH", `/v2/sharedkeys/${key}`, {
          key: Accounts.ownerKey,
          body: { expiry, kudos: 6 }
        })
        assert.deepStrictEqual([changed.status, changed.body], [500, { message: "Internal Server Error" }])
        assert.strictEqual((yield* keyText(`{"expiry":${expiry}}`)).status, 500)
      }
      assert.strictEqual((yield* call("GET", `/v2/sharedkeys/${key}`)).body["kudos"], 5)
      assert.strictEqual((yield* keyText(`{"expiry":2900000}`)).status, 200)
    }).pipe(embedded())
  )
})

describe("accounts", () => {
  it.effect("an empty idempotency key does not prevent repeated transfers", () =>
    Effect.gen(function* () {
      for (const kudos of [499, 498]) {
        yield* TestClock.adjust("2 seconds")
        const body = { username: "worker#3", amount: 1 }
        yield* call("POST", "/v2/kudos/transfer", { key: Accounts.plainKey, body, headers: { "idempotency-key": "" } })
        yield* TestClock.adjust("30 seconds")
        assert.strictEqual((yield* call("GET", "/v2/find_user", { key: Accounts.plainKey })).body["kudos"], kudos)
      }
    }).pipe(embedded())
  )

  it.effect("an invalid key is refused before an unknown account", () =>
    Effect.gen(function* () {
      const user = (id: string, key?: string) =>
        Effect.map(call("GET", `/v2/users/${id}`, key === undefined ? {} : { key }), outcome)
      for (const id of ["999", "2", "abc"]) assert.deepStrictEqual(yield* user(id, "nobody"), [401, "InvalidAPIKey"])
      for (const id of ["999", "abc", "-1"]) assert.deepStrictEqual(yield* user(id), [404, "UserNotFound"])
      assert.deepStrictEqual(yield* user(encodeURIComponent("\u0662")), [200, []])
    }).pipe(embedded())
  )

  it.effect("the anonymous account shows its workers to all callers", () =>
    Effect.gen(function* () {
      for (const key of [undefined, Accounts.plainKey]) {
        const { body } = yield* call("GET", "/v2/users/0", key === undefined ? {} : { key })
        assert.deepStrictEqual(body["worker_ids"], [])
        assert.notProperty(body, "sharedkey_ids")
      }
      assert.notProperty((yield* call("GET", "/v2/users/2")).body, "worker_ids")
    }).pipe(embedded())
  )

  it.effect("find_user with a shared key returns the owner's balance", () =>
    Effect.gen(function* () {
      const { body, status } = yield* call("GET", "/v2/find_user", { key: yield* newKey({ kudos: 5 }) })
      assert.deepStrictEqual([status, body["kudos"]], [200, 10_000])
    }).pipe(embedded())
  )
})

describe("waiting pictures", () => {
  it.effect("waiting pictures include those of requests that were refused for their images", () =>
    Effect.gen(function* () {
      const broken = { source_image: "!!!!", params: { steps: 8, n: 20 } }
      assert.deepStrictEqual(yield* asked(broken), [400, "ImageValidationFailed"])
      assert.deepStrictEqual(yield* withParams({ n: 11 }), [429, "TooManyPrompts"])
      assert.deepStrictEqual(yield* withParams({ n: 10 }), accepted)
      assert.deepStrictEqual(yield* asked({}), [429, "TooManyPrompts"])
      assert.deepStrictEqual(yield* asked({}, Accounts.worker2Key), accepted)
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual(yield* withParams({ n: 20 }), accepted)
    }).pipe(embedded())
  )

  it.effect("waiting pictures of the anonymous account are counted per model", () =>
    Effect.gen(function* () {
      const anonymous = (model: string, n: number) =>
        asked({ models: [model], params: { steps: 8, n } }, Accounts.anonymousKey)
      for (let index = 0; index < 25; index++) yield* anonymous("Deliberate", 20)
      assert.deepStrictEqual(yield* anonymous("Deliberate", 1), [429, "TooManyPrompts"])
      assert.deepStrictEqual(yield* anonymous("stable_diffusion", 20), accepted)
    }).pipe(embedded())
  )

  it.effect("impossible jobs have a position in the queue like others", () =>
    Effect.gen(function* () {
      const place = (id: string) => Effect.map(check(id), (body) => body["queue_position"])
      const impossible = (yield* ask({ models: ["no such model"] })).body["id"] as string
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* place(impossible), 1)
      const possible = yield* submit("a bay")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* place(impossible), 1)
      assert.strictEqual(yield* place(possible), 2)
    }).pipe(embedded({ worker: { takesJobs: false } }))
  )
})

describe("workers", () => {
  it.effect("a worker may offer known models only, unless its owner is a customizer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(outcome(yield* pop({ models: ["mine"] })), [400, "BadRequest"])
      assert.deepStrictEqual(outcome(yield* pop({ models: ["mine", " Deliberate "] })), [200, []])
      yield* ask({ models: ["mine"] }, Accounts.plainKey)
      assert.isNull((yield* pop({ models: ["mine", " Deliberate "] })).body["id"])
      yield* ask({ models: ["Deliberate"] }, Accounts.plainKey)
      assert.strictEqual((yield* pop({ models: ["mine", " Deliberate "] })).body["model"], "Deliberate")
      assert.strictEqual((yield* pop({ name: "w2", models: ["mine"] }, "the_customizers_key")).body["model"], "mine")
    }).pipe(
      embedded({
        accounts: [
          ...Accounts.defaults,
          { role: "customizer", apiKey: "the_customizers_key", id: 5, alias: "custom", kudos: 0, customizer: true }
        ]
      })
    )
  )

  it.effect("a worker may offer the models of the server's own workers", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(outcome(yield* pop({ models: ["house style"] })), [200, []])
    }).pipe(embedded({ worker: { models: ["house style"], takesJobs: false } }))
  )

  it.effect("a worker's name has no spaces around it", () =>
    Effect.gen(function* () {
      yield* pop({ name: "  w1\u00a0" })
      yield* pop({ name: "w1" })
      const { body } = yield* call("GET", "/v2/find_user", { key: Accounts.workerKey })
      assert.strictEqual(body["worker_count"], 1)
      assert.deepStrictEqual(outcome(yield* pop({ name: " w1" }, Accounts.worker2Key)), [403, "WrongCredentials"])
    }).pipe(embedded())
  )

  it.effect("a worker gets LoRAs, inversions and extra images with defaults and without unknown fields", () =>
    Effect.gen(function* () {
      const params = {
        steps: 8,
        unknown: 1,
        loras: [{ name: "ink" }, { name: "7808", model: 0.5, is_version: true, inject_trigger: "any" }],
        tis: [{ name: "7809" }, { name: "7810", inject_ti: "prompt", strength: -1 }],
        use_nsfw_censor: true,
        post_processing_order: "upscalers_first"
      }
      yield* ask({
        ...cascade,
        params,
        source_image: image,
        source_processing: "remix",
        extra_source_images: [{ image, original_url: "https://example.invalid/" }]
      })
      const { body } = yield* pop({ ...cascade, allow_lora: true })
      assert.deepStrictEqual(body["payload"].loras, [
        { name: "ink", model: 1, clip: 1, is_version: false },
        { name: "7808", model: 0.5, clip: 1, is_version: true, inject_trigger: "any" }
      ])
      assert.deepStrictEqual(body["payload"].tis, [
        { name: "7809", strength: 1 },
        { name: "7810", inject_ti: "prompt", strength: -1 }
      ])
      assert.deepStrictEqual(body["extra_source_images"], [
        { image, strength: 1, original_url: "https://example.invalid/" }
      ])
      assert.include(body["payload"], { use_nsfw_censor: true, post_processing_order: "upscalers_first" })
      assert.notProperty(body["payload"], "unknown")
    }).pipe(embedded())
  )

  it.effect("a worker gets the number that the server derives from a seed", () =>
    Effect.gen(function* () {
      for (const [seed, number] of [
        ["42", "42"],
        ["\u0664\u0662", "42"],
        ["4294967295", "4294967295"],
        ["4294967296", "1"],
        ["18446744073709551616", "1"],
        ["abc", String(0x636261)],
        ["-5", String(0x352d)],
        ["lighthouse", String(0x6573)]
      ] as const) {
        assert.deepStrictEqual(yield* withParams({ seed }), accepted)
        assert.strictEqual((yield* pop()).body["payload"].seed, number, seed)
      }
    }).pipe(embedded())
  )

  it.effect("a worker marks a picture as censored with its metadata alone", () =>
    Effect.gen(function* () {
      const said = [
        { state: "censored" },
        { state: "csam" },
        { censored: true },
        { gen_metadata: [{ type: "censorship", value: "csam" }] }
      ]
      const censored = []
      for (const changes of said) {
        const id = (yield* ask({})).body["id"] as string
        yield* deliver((yield* pop()).body["id"], { generation: "abcd", ...changes })
        const { generations } = (yield* call("GET", `/v2/generate/status/${id}`)).body
        censored.push([generations[0].censored, generations[0].state])
      }
      assert.deepStrictEqual(censored, [
        [false, "ok"],
        [false, "ok"],
        [false, "ok"],
        [true, "ok"]
      ])
    }).pipe(embedded())
  )
})
