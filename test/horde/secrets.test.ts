/** No message, log line, span or printed error contains keys, ids, prompts, pictures or texts, whatever fails. */
import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { assert, describe, it } from "@effect/vitest"
import { Faults, HordeServer } from "@effect-horde/server"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Alchemy from "effect-horde/Alchemy"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as HordeClient from "effect-horde/HordeClient"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { Picture } from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Status from "effect-horde/Status"
import * as Styles from "effect-horde/Styles"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import * as Worker from "effect-horde/Worker"
import { endpoints as alchemyEndpoints } from "../support/alchemy.js"
import { forAll } from "../support/forAll.js"
import { png } from "../support/jobServer.js"
import { type Answer, endpoints, json, type Services, server } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import { rawSubmit, runToEnd } from "../support/virtualTime.js"
import { printSpan, prints, watch } from "../support/watch.js"

const prompt = "a promptly secret lighthouse"
const stop = "a secretly final word"
const story: TextGeneration.GenerationInputKobold = {
  prompt,
  params: { n: 2, stop_sequence: [stop, "###"] },
  webhook: "https://secret.invalid/"
}

const upTo = (max: number, letters: string) =>
  FastCheck.array(FastCheck.constantFrom(...letters), { minLength: max, maxLength: max }).map((all) => all.join(""))

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

const accountKey = upTo(22, letters)
const apiKey = FastCheck.oneof(accountKey, FastCheck.uuid())
/** A user types an id: it may contain anything. */
const anyId = FastCheck.oneof(
  FastCheck.uuid(),
  upTo(12, `${letters} /?#%&+.$^(){}[]|\\"'<>`).map((id) => `id${id}`)
)

interface Known {
  readonly key: string
  readonly visitor: string
  readonly shared: string
  readonly job: string
}

const known: FastCheck.Arbitrary<Known> = FastCheck.record({ key: apiKey, visitor: apiKey, shared: anyId, job: anyId })

/** The ways in which a server may quote a secret. */
const quotes: ReadonlyArray<(secret: string) => string> = [
  (secret) => secret,
  (secret) => secret.toUpperCase(),
  (secret) => secret.toLowerCase(),
  (secret) => encodeURIComponent(secret),
  (secret) => encodeURIComponent(secret).toLowerCase(),
  (secret) => `/v2/sharedkeys/${encodeURIComponent(secret)}?x=${secret}`
]

const assertSecret = (printed: ReadonlyArray<string>, secrets: ReadonlyArray<string>): void => {
  const all = printed.join("\n").toLowerCase()
  for (const secret of secrets) {
    const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
    for (const form of forms) assert.notInclude(all, form.toLowerCase())
  }
}

interface Call {
  readonly run: (known: Known) => Effect.Effect<unknown, unknown, Services>
  /** The secrets that it sends: the server cannot quote others. */
  readonly carries: (known: Known) => ReadonlyArray<string>
}

const underKey = ({ visitor }: Known) => [visitor]
const ofJob = ({ job }: Known) => [job]
const jobUnderKey = ({ job, visitor }: Known) => [visitor, job]
const sharedKeyUnderKey = ({ shared, visitor }: Known) => [visitor, shared]
const textUnderKey = ({ visitor }: Known) => [visitor, prompt, stop]
const nothing = () => []

const calls: ReadonlyArray<Call> = [
  { carries: underKey, run: () => Effect.scoped(rawSubmit({ prompt })) },
  {
    carries: textUnderKey,
    run: () => Effect.scoped(Effect.flatMap(TextGeneration.Submit, (call) => call({ payload: story })))
  },
  { carries: underKey, run: () => SharedKeys.create({ kudos: 1 }) },
  { carries: sharedKeyUnderKey, run: ({ shared }) => SharedKeys.get(SharedKeys.sharedKeyId(shared)) },
  { carries: sharedKeyUnderKey, run: ({ shared }) => SharedKeys.modify(SharedKeys.sharedKeyId(shared), { kudos: 1 }) },
  { carries: sharedKeyUnderKey, run: ({ shared }) => SharedKeys.remove(SharedKeys.sharedKeyId(shared)) },
  { carries: underKey, run: () => ImageGeneration.price({ prompt }) },
  {
    carries: ofJob,
    run: ({ job }) => Effect.flatMap(ImageGeneration.Check, (call) => call({ params: { id: job as never } }))
  },
  {
    carries: ofJob,
    run: ({ job }) => Effect.flatMap(ImageGeneration.Status, (call) => call({ params: { id: job as never } }))
  },
  {
    carries: ofJob,
    run: ({ job }) => Effect.flatMap(ImageGeneration.Cancel, (call) => call({ params: { id: job as never } }))
  },
  { carries: jobUnderKey, run: ({ job }) => ImageGeneration.submitted(job as never) },
  { carries: textUnderKey, run: () => TextGeneration.price(story) },
  { carries: ofJob, run: ({ job }) => TextGeneration.status(job as never) },
  { carries: ofJob, run: ({ job }) => TextGeneration.cancel(job as never) },
  { carries: jobUnderKey, run: ({ job }) => TextGeneration.submitted(job as never) },
  { carries: nothing, run: () => Status.heartbeat },
  { carries: underKey, run: () => Users.me },
  { carries: underKey, run: () => Users.get(2) },
  {
    carries: ({ visitor }) => [visitor, prompt],
    run: () =>
      Effect.scoped(
        Effect.flatMap(Alchemy.Submit, (call) =>
          call({ payload: { source_image: prompt, forms: [{ name: "caption" }] } })
        )
      )
  },
  { carries: ofJob, run: ({ job }) => Alchemy.status(job as never) },
  {
    carries: ({ visitor }) => [visitor, prompt],
    run: () => Worker.submitText({ id: Job.GenerationId.make("g1"), generation: prompt })
  },
  {
    carries: ({ visitor }) => [visitor, prompt],
    run: () => Worker.submitAlchemy({ id: Job.GenerationId.make("g1"), result: { caption: prompt } })
  },
  {
    carries: ({ shared, visitor }) => [visitor, shared, prompt],
    run: ({ shared }) =>
      Styles.createImage({ name: "a", prompt, models: ["a"], sharedkey: SharedKeys.sharedKeyId(shared) })
  }
]

const codes = [
  undefined,
  "InvalidAPIKey",
  "Forbidden",
  "RequestNotFound",
  "TooManyPrompts",
  "MaintenanceMode",
  "TimeoutIP"
]

/** The calls that declare the most errors. */
const submitCalls = calls.slice(0, 2)

/** A refusal for each error with which a submit can fail, whatever the property's own values are. */
const refusals: ReadonlyArray<readonly [status: number, rc: string]> = [
  [400, "CorruptPrompt"],
  [401, "InvalidAPIKey"],
  [403, "Forbidden"],
  [403, "SharedKeyEmpty"],
  [404, "RequestNotFound"],
  [418, "Teapot"],
  [429, "TooManyPrompts"],
  [500, "ServerError"],
  [504, "GatewayTimeout"],
  [503, "MaintenanceMode"]
]

const expectedTags = [
  "BadRequest",
  "Unauthorized",
  "Forbidden",
  "KudosRefused",
  "NotFound",
  "UnexpectedResponse",
  "TooManyJobs",
  "ServerError",
  "OutcomeUnknown",
  "Maintenance"
]

const refusalOf = (secrets: ReadonlyArray<string>, quote: (secret: string) => string, status: number, rc: unknown) => {
  const said = `nobody has ${secrets.map(quote).join(", ")}.`
  const errors = Object.fromEntries(secrets.map((secret) => [quote(secret), said]))
  return json(status, { message: said, rc, errors }, { location: `/${encodeURIComponent(said)}` })
}

const shape = FastCheck.record({
  known,
  call: FastCheck.constantFrom(...calls),
  quote: FastCheck.constantFrom(...quotes),
  status: FastCheck.constantFrom(200, 202, 302, 400, 401, 403, 404, 405, 418, 429, 500, 502, 503, 504),
  rc: FastCheck.oneof(FastCheck.constantFrom(...codes), FastCheck.constant("quoted")),
  form: FastCheck.constantFrom("json", "html", "cut")
})

type Shape = typeof shape extends FastCheck.Arbitrary<infer A> ? A : never

describe("failing calls", () => {
  it.effect("a failing call prints neither its key nor its ids, whatever the server quotes", () =>
    Effect.gen(function* () {
      const tags = new Set<string>()
      const check = ({ call, form, known, quote, rc, status }: Shape) =>
        Effect.gen(function* () {
          const secrets = call.carries(known)
          const whole = refusalOf(secrets, quote, status, rc === "quoted" ? secrets.map(quote).join() : rc)
          const cut: Answer = { ...whole, body: (whole.body ?? "").slice(0, -3) }
          const answer = form === "html" ? { ...whole, body: `<p>${whole.body}</p>` } : form === "cut" ? cut : whole
          const script = server((_, at) => (at === 0 ? answer : json(404, { message: "", rc: "RequestNotFound" })))
          const recorder = watch()
          const { error, printed } = yield* recorder.run(
            call
              .run(known)
              .pipe(
                HordeClient.withApiKey(Redacted.make(known.visitor)),
                Effect.provide(endpoints({ apiKey: Redacted.make(known.key) }).pipe(Layer.provide(script.layer)))
              )
          )
          if (error._tag === "Some" && HordeError.isHordeError(error.value)) tags.add(error.value._tag)
          assertSecret(printed, [known.key, known.visitor, known.shared, known.job, prompt, stop])
          assert.isEmpty(recorder.spans.filter(({ name }) => name.startsWith("http.client")))
          assert.isNotEmpty(recorder.spans.filter(({ name }) => name.startsWith("horde.")))
        })
      const [sample] = FastCheck.sample(known, 1)
      assert.isDefined(sample)
      for (const call of submitCalls) {
        tags.clear()
        for (const [status, rc] of refusals) {
          yield* check({ known: sample, call, quote: String, status, rc, form: "json" })
        }
        assert.includeMembers([...tags], [...expectedTags])
      }
      yield* forAll(shape, check, 300)
    })
  )

  it.effect("a failing call prints nothing of the platform's error for a broken connection", () =>
    forAll(
      FastCheck.tuple(known, FastCheck.constantFrom(...calls)),
      ([known, call]) => {
        const broken = HttpClient.make((request, url) =>
          Effect.fail(
            new HttpClientError.RequestError({
              request,
              reason: "Transport",
              description: `${url.href} ${JSON.stringify(request.headers)}`,
              cause: new Error(`could not fetch ${url.href} with ${JSON.stringify(request.headers)}`)
            })
          )
        )
        const connection = endpoints({ apiKey: Redacted.make(known.key) }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, broken))
        )
        return watch()
          .run(Effect.provide(call.run(known), connection))
          .pipe(
            Effect.flatMap(({ error, printed }) =>
              Effect.sync(() => {
                assert.strictEqual(error._tag, "Some")
                assertSecret(printed, [known.key, known.shared, known.job, prompt, stop])
              })
            )
          )
      },
      60
    )
  )

  it.effect("a rejected value is not printed: an invalid key, prompt or field", () =>
    Effect.gen(function* () {
      const script = server(() => json(200, {}))
      const bad = "not-a-key-but-still-a-secret"
      const attempts: ReadonlyArray<Effect.Effect<unknown, unknown, Services>> = [
        SharedKeys.create().pipe(HordeClient.withApiKey(Redacted.make(bad))),
        ImageGeneration.price({ prompt: [bad] as never }),
        ImageGeneration.price({ prompt, webhook: { bad } as never }),
        ImageGeneration.price({ prompt, style: bad.repeat(40) }),
        ImageGeneration.price({ prompt, params: bad as never }),
        ImageGeneration.price({ prompt, source_image: { bad } as never, models: [{ bad }] as never }),
        ImageGeneration.price({ prompt, extra: { prompt: bad } }),
        TextGeneration.price({ prompt: [bad] as never }),
        TextGeneration.price({ ...story, softprompt: { bad } as never }),
        TextGeneration.price({ ...story, params: { stop_sequence: bad.repeat(200) as never } }),
        TextGeneration.price({ ...story, params: { stop_sequence: [bad.repeat(200)] } }),
        TextGeneration.price({ ...story, params: { stop_sequence: [{ bad }] as never } }),
        TextGeneration.price({ ...story, template_fields: { name: { bad } as never } }),
        TextGeneration.status({ bad } as never),
        SharedKeys.get({ bad } as never),
        SharedKeys.modify(SharedKeys.sharedKeyId(bad), {}),
        Effect.flatMap(ImageGeneration.Check, (call) => call({ params: { id: { bad } as never } }))
      ]
      for (const attempt of attempts) {
        const recorder = watch()
        const { error, printed } = yield* recorder.run(
          Effect.provide(attempt, endpoints().pipe(Layer.provide(script.layer)))
        )
        assert.isTrue(error._tag === "Some" && error.value instanceof HordeError.InvalidRequest)
        assertSecret(printed, [bad, prompt, stop])
      }
      assert.isEmpty(script.sent)
    })
  )
})

/** `horde.SharedKeys.Get` or `horde.SharedKeys/Get`: the test accepts both. */
const plain = (name: string) => name.replace(/[./](?=[^./]+$)/, "-")

describe("successful calls", () => {
  it.effect("a successful call has a span with the template, method and status, and nothing else", () =>
    Effect.gen(function* () {
      const recorder = watch()
      const id = "00000000-0000-4000-8000-000000000001"
      const reply = { id, username: "owner#1", kudos: 1, utilized: 0 }
      const limits = { max_image_pixels: -1, max_image_steps: -1, max_text_tokens: -1 }
      const script = server(() => json(200, { ...reply, ...limits }))
      const { exit, printed } = yield* recorder.run(
        SharedKeys.get(SharedKeys.sharedKeyId(id)).pipe(
          Effect.tap((key) => Effect.logTrace("read", key, { key })),
          Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
        )
      )
      assert.isTrue(Exit.isSuccess(exit))
      assertSecret([...printed, ...(Exit.isSuccess(exit) ? prints(exit.value) : [])], [id])
      const ours = recorder.spans.filter(({ name }) => name !== "the program")
      assert.deepStrictEqual(
        ours.map(({ attributes, kind, name }) => ({
          name: plain(name),
          kind,
          attributes: Object.fromEntries(attributes)
        })),
        [
          {
            name: "horde.SharedKeys-Get",
            kind: "client",
            attributes: {
              "http.request.method": "GET",
              "url.template": "/v2/sharedkeys/:id",
              "http.response.status_code": 200
            }
          }
        ]
      )
    })
  )
})

describe("jobs", () => {
  const draw = (faults: ReadonlyArray<Faults.Rule>, options: object = {}) =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      yield* horde.faults.script(...faults)
      const recorder = watch()
      const effect = ImageGeneration.generate({ prompt, params: { n: 2 }, webhook: "https://secret.invalid/" }, options)
      const { error, exit, printed } = yield* runToEnd(recorder.run(effect), "20 seconds")
      const ids = (yield* horde.jobs).map(({ id }) => id)
      assert.isNotEmpty(ids)
      const pictures = Exit.isSuccess(exit) ? exit.value : []
      assertSecret([...printed, ...pictures.flatMap(prints)], [...ids, prompt, "secret.invalid", "signature="])
      assert.isEmpty(recorder.spans.filter(({ name }) => name.startsWith("http.client")))
      return { error: error._tag === "Some" ? (error.value as { readonly _tag: string })._tag : undefined, recorder }
    }).pipe(Effect.provide(stack()))

  it.effect("a successful job prints neither its id nor its prompt nor its links", () =>
    Effect.gen(function* () {
      const { error, recorder } = yield* draw([])
      assert.isUndefined(error)
      assert.includeMembers(
        recorder.spans.map(({ name }) => plain(name)),
        ["horde.ImageGeneration-Submit", "horde.ImageGeneration-Check", "horde.ImageGeneration-Status"]
      )
    })
  )

  it.effect("a failing job prints neither its id nor its prompt nor its links", () =>
    Effect.gen(function* () {
      const check = { path: "/v2/generate/check/:id" }
      const broken = Faults.respond({ status: 400, body: '{"message":"no"}' }, { method: "DELETE" })
      const ways: ReadonlyArray<readonly [string, ReadonlyArray<Faults.Rule>, object?]> = [
        ["JobFaulted", [Faults.failAttempts(9)]],
        ["JobImpossible", [Faults.impossible()]],
        ["JobTimedOut", [Faults.stall()], { deadline: "40 seconds" }],
        ["JobExpired", [Faults.vanish()]],
        ["DownloadFailed", [Faults.unavailableImage()]],
        ["DownloadFailed", [Faults.brokenImage()]],
        ["DownloadFailed", [Faults.expiredLink()]],
        ["BadRequest", [Faults.respond({ status: 400, body: '{"message":"no"}' }, check), broken]],
        ["JobTimedOut", [Faults.respond({ status: 500, body: "{}" }, check), Faults.stall()], { deadline: "1 minute" }],
        ["OutcomeUnknown", [Faults.reset("after", { method: "POST" })]]
      ]
      for (const [tag, faults, options] of ways) assert.strictEqual((yield* draw(faults, options)).error, tag)
    })
  )

  const write = (faults: ReadonlyArray<Faults.Rule>, options: Job.WaitOptions = {}) =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      yield* horde.faults.script(...faults)
      const recorder = watch()
      const effect = Effect.tap(TextGeneration.generate(story, options), (texts) => Effect.logInfo(texts, { texts }))
      const { error, exit, printed } = yield* runToEnd(recorder.run(effect), "20 seconds")
      const ids = (yield* horde.jobs).map(({ id }) => id)
      assert.isNotEmpty(ids)
      const partial = error._tag === "Some" && "partial" in error.value ? error.value.partial : []
      const texts = Exit.isSuccess(exit) ? exit.value : partial
      assertSecret(printed, [...ids, prompt, stop, "secret.invalid"])
      // inspect breaks a text into its lines, so only the start of each is searched for
      const starts = texts.map(({ text }) => text.trim().slice(0, 30))
      const shown = [inspect(exit, { depth: 20 }), JSON.stringify(exit), ...texts.map((text) => inspect({ text }))]
      assertSecret([...recorder.lines, ...recorder.spans.flatMap(printSpan), ...shown], starts)
      assert.isEmpty(recorder.spans.filter(({ name }) => name.startsWith("http.client")))
      return { error: error._tag === "Some" ? error.value._tag : undefined, texts, recorder }
    }).pipe(Effect.provide(stack({ server: { textWorker: { takes: "20 seconds" } } })))

  it.effect("a successful text job prints neither its id nor its prompt nor its texts", () =>
    Effect.gen(function* () {
      const { error, recorder, texts } = yield* write([])
      assert.isUndefined(error)
      assert.lengthOf(texts, 2)
      assert.includeMembers(
        recorder.spans.map(({ name }) => plain(name)),
        ["horde.TextGeneration-Submit", "horde.TextGeneration-Status"]
      )
    })
  )

  it.effect("a failing text job prints neither its id nor its prompt nor its texts", () =>
    Effect.gen(function* () {
      const status = { path: "/v2/generate/text/status/:id", method: "GET" }
      const refuses = Faults.respond({ status: 400, body: '{"message":"no"}' }, status)
      const fails = Faults.respond({ status: 500, body: "{}" }, status)
      const ways: ReadonlyArray<readonly [string, number, ReadonlyArray<Faults.Rule>, Job.WaitOptions?]> = [
        ["JobFaulted", 0, [Faults.failAttempts(9)]],
        ["JobImpossible", 0, [Faults.impossible()]],
        ["JobTimedOut", 0, [Faults.stall()], { deadline: "40 seconds" }],
        ["JobTimedOut", 1, [], { deadline: "30 seconds" }],
        ["JobExpired", 0, [Faults.vanish()]],
        ["BadRequest", 0, [refuses]],
        ["JobTimedOut", 0, [fails, Faults.stall()], { deadline: "1 minute" }],
        ["OutcomeUnknown", 0, [Faults.reset("after", { method: "POST" })]]
      ]
      for (const [tag, count, faults, options] of ways) {
        const { error, texts } = yield* write(faults, options)
        assert.deepStrictEqual([error, texts.length], [tag, count])
      }
    })
  )

  it.effect("a job whose cancel failed is logged by its kind alone", () =>
    Effect.gen(function* () {
      const id = "00000000-0000-4000-8000-00000000000a"
      const script = server(({ method }) =>
        method === "POST" ? json(202, { id, kudos: 3 }) : json(400, { message: `${id} ${id.toUpperCase()}`, rc: "Odd" })
      )
      const recorder = watch()
      const { printed } = yield* recorder.run(
        ImageGeneration.submit({ prompt }).pipe(
          Effect.tap((job) => Effect.logInfo("submitted", job.ticket, job.reply.kudos)),
          Effect.scoped,
          Effect.provide(endpoints().pipe(Layer.provide(script.layer)))
        )
      )
      assert.isNotEmpty(script.sent.filter(({ method }) => method === "DELETE"))
      assert.isTrue(recorder.lines.some((line) => line.includes("cancel")))
      assertSecret(printed, [id, prompt])
    })
  )

  const runForms = (faults: ReadonlyArray<Faults.Rule>, options: Alchemy.WaitOptions = {}) =>
    Effect.gen(function* () {
      const horde = yield* HordeServer.HordeServer
      yield* horde.faults.script(...faults)
      const recorder = watch()
      const input = {
        source_image: Uint8Array.from(Buffer.from(png, "base64")),
        forms: [{ name: "caption" }, { name: "describe" }, { name: "GFPGAN" }],
        webhook: "https://secret.invalid/"
      }
      const effect = Effect.tap(Alchemy.run(input, options), (results) => Effect.logInfo(results, { results }))
      const { error, exit, printed } = yield* runToEnd(recorder.run(effect), "20 seconds")
      const ids = (yield* horde.jobs).map(({ id }) => id)
      assert.isNotEmpty(ids)
      const partial = error._tag === "Some" && "partial" in error.value ? error.value.partial : []
      const shown = [exit, partial].flatMap((value) => [inspect(value, { depth: 20 }), JSON.stringify(value)])
      assertSecret([...printed, ...shown], [...ids, png, "secret.invalid", "signature="])
      assertSecret([...recorder.lines, ...recorder.spans.flatMap(printSpan), ...shown], [" scene"])
      return error._tag === "Some" ? error.value._tag : undefined
    }).pipe(Effect.provide(alchemyEndpoints.pipe(Layer.provideMerge(stack()))))

  it.effect("an alchemy job prints neither its id nor its source image nor its results nor its links", () =>
    Effect.gen(function* () {
      const refuses = Faults.respond({ status: 400, body: '{"message":"no"}' }, { method: "GET" })
      const ways: ReadonlyArray<readonly [string | undefined, ReadonlyArray<Faults.Rule>, Alchemy.WaitOptions?]> = [
        [undefined, []],
        [undefined, [Faults.failAttempts(99)]],
        ["DownloadFailed", [Faults.expiredLink()]],
        ["JobTimedOut", [Faults.stall()], { deadline: "1 minute" }],
        ["JobExpired", [Faults.vanish()]],
        ["BadRequest", [refuses]],
        ["OutcomeUnknown", [Faults.reset("after", { method: "POST" })]]
      ]
      for (const [tag, faults, options] of ways) assert.strictEqual(yield* runForms(faults, options), tag)
    })
  )
})

describe("EndpointMetadata.logSafe", () => {
  it("logSafe shows plain fields and masks the rest", () => {
    const request = {
      payload: {
        prompt,
        source_image: "aGVsbG8=",
        source_mask: "bWFzaw==",
        extra_source_images: [{ image: "aW1hZ2U=", strength: 0.5 }],
        webhook: "https://secret.invalid/",
        style: "mine",
        template_fields: { place: "a secret place" },
        models: ["stable_diffusion"],
        extra: { hidden: "a secret extra" },
        params: { steps: 8, extra_texts: [{ text: "a secret text", reference: "qr_code" }], special: { a: "secret" } }
      }
    }
    for (const safe of [
      EndpointMetadata.logSafe(ImageGeneration.Submit, request),
      EndpointMetadata.logSafe(ImageGeneration.Price, request)
    ]) {
      assert.deepInclude(safe["payload"] as object, { style: "mine", models: ["stable_diffusion"] })
      assert.deepNestedInclude(safe as object, { "payload.params.steps": 8 })
      assert.deepNestedInclude(safe as object, { "payload.extra_source_images[0].strength": 0.5 })
      assertSecret(prints(safe), [prompt, "secret", "aGVsbG8=", "bWFzaw==", "aW1hZ2U="])
    }
    const id = "00000000-0000-4000-8000-000000000001"
    assertSecret(prints(EndpointMetadata.logSafe(SharedKeys.Get, { params: { id: SharedKeys.sharedKeyId(id) } })), [id])
    assertSecret(prints(EndpointMetadata.logSafe(ImageGeneration.Check, { params: { id: id as never } })), [id])
    const modify = EndpointMetadata.logSafe(SharedKeys.Modify, {
      params: { id: SharedKeys.sharedKeyId(id) },
      payload: { kudos: 5 }
    })
    assert.deepStrictEqual(modify, { params: { id: "<redacted>" }, payload: { kudos: 5 } })
  })
})

describe("texts", () => {
  it("logSafe masks the prompt, the stop sequences and the texts", () => {
    const fields = { template_fields: { place: "a secret place" }, extra: { hidden: "a secret extra" } }
    const request = { payload: { ...story, ...fields, models: ["koboldcpp/LLaMA"] } }
    for (const safe of [
      EndpointMetadata.logSafe(TextGeneration.Submit, request),
      EndpointMetadata.logSafe(TextGeneration.Price, request)
    ]) {
      assert.deepNestedInclude(safe as object, { "payload.models": ["koboldcpp/LLaMA"], "payload.params.n": 2 })
      assertSecret(prints(safe), [prompt, stop, "###", "secret"])
    }
    const id = "00000000-0000-4000-8000-000000000001"
    const byId = { params: { id: id as never } }
    assertSecret(prints(EndpointMetadata.logSafe(TextGeneration.Status, byId)), [id])
    assertSecret(prints(EndpointMetadata.logSafe(TextGeneration.Cancel, byId)), [id])
    assertSecret(prints(EndpointMetadata.logSafe(TextGeneration.Submitted, byId)), [id])
    const generation: TextGeneration.GenerationKobold = { text: "a secret end", seed: 7, state: "ok", gen_metadata: [] }
    const safe = EndpointMetadata.logSafeModel(TextGeneration.GenerationKobold, generation)
    assert.deepInclude(safe as object, { seed: 7, state: "ok" })
    assertSecret(prints(safe), ["secret"])
    const submitted = { prompt, params: { n: 2, stop_sequence: [stop] }, webhook: "https://secret.invalid/" }
    assertSecret(prints(EndpointMetadata.logSafeModel(TextGeneration.GenerationSubmittedKobold, submitted)), [
      prompt,
      stop,
      "secret"
    ])
  })
})

describe("tickets", () => {
  const id = "00000000-0000-4000-8000-00000000000a"
  const ticket = Job.Ticket.make({
    version: 1,
    kind: "image",
    id: Redacted.make(id),
    expected: 2,
    submittedAt: DateTime.unsafeMake(0),
    deadline: DateTime.unsafeMake(60_000)
  })

  it("a ticket prints masked, and encode and decode alone reveal its id", () => {
    assertSecret(prints(ticket), [id])
    const back = Either.getOrThrow(Job.decodeTicket(Job.encodeTicket(ticket)))
    assert.strictEqual(Redacted.value(back.id), id)
    assert.deepStrictEqual(Job.encodeTicket(back), Job.encodeTicket(ticket))
    const printed = Job.decodeTicket(JSON.stringify(ticket))
    assert.isTrue(Either.isLeft(printed))
    if (Either.isLeft(printed)) assert.include(printed.left.message, "printed, not encoded")
    const wrong: ReadonlyArray<readonly [string, string]> = [
      ['"expected":2', '"expected":0'],
      ['"kind":"image"', '"kind":"film"'],
      [`"id":"${id}"`, '"id":""'],
      ['"version":1', '"version":2'],
      ["1970-01-01T00:01:00.000Z", "soon"]
    ]
    for (const [right, changed] of wrong) {
      const decoded = Job.decodeTicket(Job.encodeTicket(ticket).replace(right, changed))
      const field = /"(\w+)":/.exec(changed)?.[1] ?? "deadline"
      assert.isTrue(Either.isLeft(decoded) && decoded.left.message.includes(`ticket.${field}: `), field)
    }
  })

  it.prop(
    "a damaged ticket does not print its id",
    [FastCheck.nat(), FastCheck.constantFrom("", "x", '"', "{", "-")],
    ([place, mark]) => {
      const text = Job.encodeTicket(ticket)
      const at = place % text.length
      const damaged = `${text.slice(0, at)}${mark}${text.slice(at + 1)}`
      const decoded = Job.decodeTicket(damaged)
      if (Either.isLeft(decoded)) assertSecret(prints(decoded.left), [id.slice(0, 18), id.slice(-12)])
    },
    { fastCheck: { numRuns: 500 } }
  )
})

describe("pictures", () => {
  it("a picture prints without its bytes", () => {
    const picture = new Picture({
      id: "a" as never,
      bytes: Uint8Array.from([211, 212, 213, 214]),
      mediaType: "image/webp",
      censored: false,
      seed: "1",
      model: "stable_diffusion",
      workerId: undefined,
      workerName: undefined,
      metadata: []
    })
    for (const text of [inspect(picture), JSON.stringify(picture), inspect({ picture }), JSON.stringify([picture])]) {
      assert.include(text, "(4 bytes)")
      assert.notInclude(text, "212")
    }
  })
})
