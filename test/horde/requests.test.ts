/** Requests: values within the published ranges are sent, others are rejected and named. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Endpoint from "effect-horde/Endpoint"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type * as Job from "effect-horde/Job"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as TextGeneration from "effect-horde/TextGeneration"
import { forAll } from "../support/forAll.js"
import { type Answer, endpoints, json, type Sent, server } from "../support/scripted.js"
import { rawSubmit } from "../support/virtualTime.js"

const key = {
  id: "00000000-0000-4000-8000-000000000001",
  username: "owner#1",
  kudos: 1,
  utilized: 0,
  max_image_pixels: -1,
  max_image_steps: -1,
  max_text_tokens: -1
}

const answer = ({ body, method }: Sent): Answer => {
  if (method !== "POST") return json(200, key)
  return body?.includes('"dry_run":true') === true
    ? json(200, { kudos: 3 })
    : json(202, { id: "00000000-0000-4000-8000-00000000000a", kudos: 3 })
}

/** Runs a test with the endpoints and a function that returns the bodies sent since its last call. */
const run = <A, E, R>(
  test: (takeBodies: () => ReadonlyArray<any>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, Layer.Layer.Success<ReturnType<typeof endpoints>>>> =>
  Effect.suspend(() => {
    const script = server(answer)
    // a submitted job is cancelled, which is not tested here
    const takeBodies = () => script.sent.splice(0).flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body)]))
    return test(takeBodies).pipe(Effect.provide(endpoints().pipe(Layer.provide(script.layer), Layer.orDie)))
  })

const ownId = SharedKeys.sharedKeyId(key.id)

const submit = (payload: ImageGeneration.GenerationInputStable) => Effect.scoped(rawSubmit(payload))

type Call = (payload: any) => Effect.Effect<unknown, unknown, any>

const create: Call = (payload) => SharedKeys.create(payload)
const modify: Call = (payload) => SharedKeys.modify(ownId, payload)
const inParams: Call = (params) => ImageGeneration.price({ prompt: "a quiet bay", params })
const atTop: Call = (payload) => ImageGeneration.price({ prompt: "a quiet bay", ...payload })
const inLora: Call = (lora) => inParams({ loras: [{ name: "lines", ...lora }] })
const inText: Call = (payload) => TextGeneration.price({ prompt: "Once upon a time", ...payload })
const inTextParams: Call = (params) => inText({ params })
const inInversion: Call = (inversion) => inParams({ tis: [{ name: "lines", ...inversion }] })

interface Rule {
  readonly field: string
  readonly call: Call
  readonly name: string
  readonly inside: FastCheck.Arbitrary<unknown>
  readonly outside: FastCheck.Arbitrary<unknown>
}

const just = (...values: ReadonlyArray<unknown>) => FastCheck.constantFrom(...values)

const notANumber = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "12", null, true]

const wholes = (call: Call, path: string, name: string, min: number, max: number, step = 1): Rule => ({
  field: `${path}.${name}`,
  call,
  name,
  inside: FastCheck.oneof(
    just(min, ...(max === Number.POSITIVE_INFINITY ? [] : [max])),
    FastCheck.integer({ min: min / step, max: Math.min(max, 2 ** 31 - 1) / step }).map((value) => value * step)
  ),
  outside: FastCheck.oneof(
    just(min - step, ...(max === Number.POSITIVE_INFINITY ? [] : [max + step])),
    just(min + 0.5, ...(step === 1 ? [] : [min + 1, max - 1])),
    just(...notANumber)
  )
})

const numbers = (call: Call, path: string, name: string, min: number, max: number): Rule => ({
  field: `${path}.${name}`,
  call,
  name,
  inside: FastCheck.oneof(
    just(min, ...(max === Number.POSITIVE_INFINITY ? [] : [max])),
    FastCheck.double({ min, max: Math.min(max, 1e9), noNaN: true }).map((value) => value + 0)
  ),
  outside: FastCheck.oneof(
    just(min - 1e-9, ...(max === Number.POSITIVE_INFINITY ? [] : [max + 1e-9])),
    just(...notANumber)
  )
})

const text = (min: number, max: number) => FastCheck.string({ minLength: min, maxLength: Math.min(max, min + 40) })

const texts = (call: Call, path: string, name: string, min: number, max: number): Rule => ({
  field: `${path}.${name}`,
  call,
  name,
  inside: FastCheck.oneof(text(min, max), just("x".repeat(max))),
  outside: just("x".repeat(min - 1), "x".repeat(max + 1), 12345, null)
})

const lists = (path: string, name: string, max: number): Rule => ({
  field: `${path}.${name}`,
  call: inParams,
  name,
  inside: FastCheck.array(FastCheck.record({ name: text(1, 255) }), { maxLength: max }),
  outside: just(Array.from({ length: max + 1 }, () => ({ name: "lines" })))
})

const endless = Number.POSITIVE_INFINITY

const rules: ReadonlyArray<Rule> = [
  wholes(create, "payload", "kudos", -1, 50_000_000),
  wholes(create, "payload", "expiry", -1, 2_900_000),
  wholes(create, "payload", "max_image_pixels", -1, 4_194_304),
  wholes(create, "payload", "max_image_steps", -1, 500),
  wholes(create, "payload", "max_text_tokens", -1, 500),
  texts(create, "payload", "name", 3, 255),
  wholes(inParams, "payload.params", "width", 64, 3072, 64),
  wholes(inParams, "payload.params", "height", 64, 3072, 64),
  wholes(inParams, "payload.params", "steps", 1, 500),
  wholes(inParams, "payload.params", "n", 1, 20),
  wholes(inParams, "payload.params", "seed_variation", 1, 1000),
  wholes(inParams, "payload.params", "clip_skip", 1, 12),
  wholes(inParams, "payload.params", "sampler_order", 1, endless),
  numbers(inParams, "payload.params", "sampler_eta", 0, endless),
  numbers(inParams, "payload.params", "sampler_s_noise", 0, endless),
  numbers(inParams, "payload.params", "sampler_s_churn", 0, endless),
  numbers(inParams, "payload.params", "sampler_s_tmin", 0, endless),
  numbers(inParams, "payload.params", "sampler_s_tmax", 0, endless),
  numbers(inParams, "payload.params", "flow_shift", 0, endless),
  numbers(inParams, "payload.params", "denoising_strength", 0.01, 1),
  numbers(inParams, "payload.params", "hires_fix_denoising_strength", 0.01, 1),
  numbers(inParams, "payload.params", "facefixer_strength", 0, 1),
  numbers(inParams, "payload.params", "control_strength", 0.01, 3),
  {
    field: "payload.params.cfg_scale",
    call: inParams,
    name: "cfg_scale",
    inside: FastCheck.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100),
    outside: just(-0.01, 100.01, 7.125, 0.001, ...notANumber)
  },
  {
    field: "payload.params.post_processing",
    call: inParams,
    name: "post_processing",
    inside: FastCheck.uniqueArray(text(1, 20)),
    outside: just(["GFPGAN", "GFPGAN"], "GFPGAN")
  },
  { ...texts(inParams, "payload.params", "seed", 1, 40), outside: just(1.5, true, null) },
  lists("payload.params", "loras", 5),
  lists("payload.params", "tis", 20),
  texts(inLora, "payload.params.loras.0", "name", 1, 255),
  numbers(inLora, "payload.params.loras.0", "model", -5, 5),
  numbers(inLora, "payload.params.loras.0", "clip", -5, 5),
  texts(inLora, "payload.params.loras.0", "inject_trigger", 1, 30),
  texts(inInversion, "payload.params.tis.0", "name", 1, 255),
  numbers(inInversion, "payload.params.tis.0", "strength", -5, 5),
  { ...texts(atTop, "payload", "prompt", 1, 5000), outside: just("", 12345, null, undefined) },
  texts(atTop, "payload", "webhook", 10, 1024),
  texts(atTop, "payload", "style", 3, 1024),
  {
    field: "payload.extra_source_images",
    call: atTop,
    name: "extra_source_images",
    inside: FastCheck.array(FastCheck.record({ image: text(1, 9), strength: FastCheck.integer() }), { maxLength: 5 }),
    outside: just(Array.from({ length: 6 }, () => ({ image: "x" })))
  },
  wholes(inTextParams, "payload.params", "n", 1, 20),
  wholes(inTextParams, "payload.params", "max_length", 16, 16_384),
  wholes(inTextParams, "payload.params", "max_context_length", 80, 1_048_576),
  wholes(inTextParams, "payload.params", "top_k", 0, 200),
  wholes(inTextParams, "payload.params", "rep_pen_range", 0, 4096),
  numbers(inTextParams, "payload.params", "temperature", 0, 5),
  numbers(inTextParams, "payload.params", "top_p", 0.001, 1),
  numbers(inTextParams, "payload.params", "top_a", 0, 1),
  numbers(inTextParams, "payload.params", "min_p", 0, 1),
  numbers(inTextParams, "payload.params", "typical", 0, 1),
  numbers(inTextParams, "payload.params", "tfs", 0, 1),
  numbers(inTextParams, "payload.params", "rep_pen", 1, 3),
  numbers(inTextParams, "payload.params", "rep_pen_slope", 0, 10),
  numbers(inTextParams, "payload.params", "smoothing_factor", 0, 10),
  numbers(inTextParams, "payload.params", "dynatemp_range", 0, 5),
  numbers(inTextParams, "payload.params", "dynatemp_exponent", 0, 5),
  {
    field: "payload.params.sampler_order",
    call: inTextParams,
    name: "sampler_order",
    inside: FastCheck.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
    outside: just([0, 1, 2, 3, 4, 5], [0, 0, 1, 2, 3, 4, 5], [])
  },
  {
    field: "payload.params.stop_sequence",
    call: inTextParams,
    name: "stop_sequence",
    inside: FastCheck.array(text(1, 15), { maxLength: 128 }),
    outside: just(
      Array.from({ length: 129 }, (_, index) => `${index}`),
      ["x".repeat(1000), "y".repeat(1001)]
    )
  },
  { ...texts(inText, "payload", "prompt", 1, 5000), outside: just("", 12345, null, undefined) },
  texts(inText, "payload", "style", 3, 1024),
  { ...texts(inText, "payload", "webhook", 1, 1024), outside: just("x".repeat(1025), 12345, null) },
  { ...texts(inText, "payload", "softprompt", 1, 1024), outside: just("", 12345, null) }
]

const refusedBy = (effect: Effect.Effect<unknown, unknown, any>) =>
  Effect.flatMap(Effect.flip(effect), (error) =>
    error instanceof HordeError.InvalidRequest ? Effect.succeed(error) : Effect.die(error)
  )

/** The field of the body to which a rule applies. */
const at = (body: any, field: string): unknown =>
  field
    .split(".")
    .slice(1)
    .reduce((value, name) => value?.[name], body)

describe("published ranges", () => {
  for (const { call, field, inside, name, outside } of rules) {
    const of = call === inText || call === inTextParams ? "of a text request " : ""
    it.effect(`${field} ${of}is sent unchanged within its range, and rejected by name outside of it`, () =>
      run((takeBodies) =>
        Effect.gen(function* () {
          yield* forAll(
            inside,
            (value) =>
              Effect.map(call({ [name]: value }), () => {
                const [body] = takeBodies()
                assert.deepStrictEqual(JSON.stringify(at(body, field)), JSON.stringify(value))
              }),
            25
          )
          yield* forAll(
            outside,
            (value) =>
              Effect.map(refusedBy(call({ [name]: value })), (error) => {
                assert.deepStrictEqual(Object.keys(error.errors), [field])
                assert.include(error.message, field)
                const quoted = JSON.stringify(value) ?? ""
                if (quoted.length > 3 && quoted !== "null" && quoted !== "true")
                  assert.notInclude(error.message, quoted)
                assert.isEmpty(takeBodies())
              }),
            15
          )
        })
      )
    )
  }

  it.effect("lenient requests may exceed published ranges", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        yield* Endpoint.lenient(create({ kudos: 60_000_000, name: "x", max_text_tokens: 100_000 }))
        assert.deepStrictEqual(takeBodies(), [{ kudos: 60_000_000, name: "x", max_text_tokens: 100_000 }])
        const params = { width: 100, steps: 501, cfg_scale: 7.125, loras: Array(6).fill({ name: "l", model: 9 }) }
        yield* Endpoint.lenient(submit({ prompt: "", style: "s", params }))
        assert.deepStrictEqual(takeBodies(), [{ prompt: "", style: "s", params }])
        yield* Endpoint.lenient(ImageGeneration.price({ prompt: "", params }))
        assert.deepStrictEqual(takeBodies(), [{ prompt: "", params, dry_run: true }])
        yield* Endpoint.lenient(SharedKeys.modify(ownId, {}))
        assert.deepStrictEqual(takeBodies(), [{}])
        // types and ids are still checked
        assert.property((yield* refusedBy(Endpoint.lenient(create({ kudos: "many" })))).errors, "payload.kudos")
        const none = Endpoint.lenient(SharedKeys.get(SharedKeys.sharedKeyId("")))
        assert.property((yield* refusedBy(none)).errors, "params.id")
        assert.isEmpty(takeBodies())
      })
    )
  )
})

describe("fields of requests", () => {
  it.effect("fields in `extra` are sent at every level", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        yield* submit({
          prompt: "a quiet bay",
          extra: { priority: 3 },
          params: { steps: 8, extra: { sparkle: { extra: true } }, loras: [{ name: "lines", extra: { depth: 2 } }] }
        })
        yield* SharedKeys.create({ kudos: 1, extra: { colour: "blue" } })
        assert.deepStrictEqual(takeBodies(), [
          {
            prompt: "a quiet bay",
            priority: 3,
            params: { steps: 8, sparkle: { extra: true }, loras: [{ name: "lines", depth: 2 }] }
          },
          { kudos: 1, colour: "blue" }
        ])
      })
    )
  )

  it.effect("known fields in `extra` are rejected", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const top = yield* refusedBy(submit({ prompt: "a quiet bay", extra: { prompt: "secret words" } }))
        assert.deepStrictEqual(Object.keys(top.errors), ["payload.extra.prompt"])
        assert.notInclude(top.message, "secret words")
        const nested = yield* refusedBy(inParams({ steps: 8, extra: { steps: 9 } }))
        assert.deepStrictEqual(Object.keys(nested.errors), ["payload.params.extra.steps"])
        const price = yield* refusedBy(ImageGeneration.price({ prompt: "a quiet bay", extra: { dry_run: false } }))
        assert.deepStrictEqual(Object.keys(price.errors), ["payload.extra.dry_run"])
        assert.isEmpty(takeBodies())
      })
    )
  )

  it.effect("a field named `extra` within a free-form field is sent unchanged", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const free = { template_fields: { extra: "a boat" }, params: { special: { extra: { a: 1 }, b: 2 } } }
        yield* submit({ prompt: "a quiet bay", style: "mine", ...free })
        assert.deepStrictEqual(takeBodies(), [{ prompt: "a quiet bay", style: "mine", ...free }])
      })
    )
  )

  it.effect("unknown fields are rejected with a hint", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        for (const [call, value, field] of [
          [create, { kudoz: 12_345 }, "payload.kudoz"],
          [inParams, { stepz: 12_345 }, "payload.params.stepz"],
          [(payload: any) => submit({ prompt: "a quiet bay", ...payload }), { dry_run: true }, "payload.dry_run"],
          [inLora, { strength: 12_345 }, "payload.params.loras.0.strength"]
        ] as const) {
          const error = yield* refusedBy(call(value))
          assert.deepStrictEqual(Object.keys(error.errors), [field])
          assert.include(error.errors[field], "extra")
          assert.notInclude(error.message, "12345")
        }
        assert.isEmpty(takeBodies())
      })
    )
  )

  it.effect("fields with named values accept any string", () =>
    run((takeBodies) =>
      forAll(
        FastCheck.record({
          sampler_name: FastCheck.string(),
          scheduler: FastCheck.string(),
          sampler_solver_type: FastCheck.string(),
          control_type: FastCheck.string(),
          workflow: FastCheck.string(),
          post_processing: FastCheck.uniqueArray(FastCheck.string())
        }),
        (params) =>
          Effect.map(submit({ prompt: "a quiet bay", source_processing: params.workflow, params }), () => {
            const sent = { prompt: "a quiet bay", source_processing: params.workflow, params }
            assert.deepStrictEqual(takeBodies(), [sent])
          })
      )
    )
  )

  it.effect("a request with several errors names all of them", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const error = yield* refusedBy(submit({ prompt: "", style: "s", params: { width: 65, n: 21 } }))
        const fields = ["payload.params.n", "payload.params.width", "payload.prompt", "payload.style"]
        assert.deepStrictEqual(Object.keys(error.errors).sort(), fields)
        for (const field of fields) assert.include(error.message, field)
        assert.strictEqual(error.method, "POST")
        assert.strictEqual(error.path, "/v2/generate/async")
        assert.isFalse(error.isRetryable)
        assert.isUndefined(error.status)
        assert.isEmpty(takeBodies())
      })
    )
  )
})

describe("modifications of shared keys", () => {
  it.effect("a modification rejects an expiry beyond the server's dates", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        yield* modify({ expiry: 2_900_000 })
        assert.deepStrictEqual(takeBodies(), [{ expiry: 2_900_000 }])
        for (const expiry of [2_900_001, 1e7]) {
          const { errors } = yield* refusedBy(modify({ expiry }))
          assert.deepStrictEqual(Object.keys(errors), ["payload.expiry"])
        }
        assert.isEmpty(takeBodies())
      })
    )
  )

  it.effect("a modification may change any field alone and must change one", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const changes = {
          kudos: 5,
          expiry: -1,
          name: "mine",
          max_image_pixels: 0,
          max_image_steps: 0,
          max_text_tokens: 0
        }
        for (const [name, value] of Object.entries(changes)) {
          yield* SharedKeys.modify(ownId, { [name]: value })
          assert.deepStrictEqual(takeBodies(), [{ [name]: value }])
        }
        for (const nothing of [{}, { kudos: undefined }, { extra: {} }]) {
          const error = yield* refusedBy(SharedKeys.modify(ownId, nothing))
          assert.deepStrictEqual(error.errors, { payload: "must be an object with at least one field" })
        }
        assert.isEmpty(takeBodies())
        yield* SharedKeys.create()
        assert.deepStrictEqual(takeBodies(), [{}])
      })
    )
  )
})

describe("ids", () => {
  it.effect("empty ids are rejected", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const none = SharedKeys.sharedKeyId("")
        const id = "" as Job.GenerationRequestId
        const calls: ReadonlyArray<Effect.Effect<unknown, unknown, any>> = [
          SharedKeys.get(none),
          SharedKeys.modify(none, { kudos: 1 }),
          SharedKeys.remove(none),
          Effect.flatMap(ImageGeneration.Check, (call) => call({ params: { id } })),
          Effect.flatMap(ImageGeneration.Status, (call) => call({ params: { id } })),
          Effect.flatMap(ImageGeneration.Cancel, (call) => call({ params: { id } }))
        ]
        for (const call of calls) {
          const error = yield* refusedBy(call)
          assert.deepStrictEqual(Object.keys(error.errors), ["params.id"])
        }
        assert.isEmpty(takeBodies())
      })
    )
  )
})

describe("seeds", () => {
  it.effect("a seed is a whole number or a text, and is sent as text", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        for (const [seed, sent] of [
          [42, "42"],
          [-1, "-1"],
          ["a harbour", "a harbour"]
        ] as const) {
          yield* submit({ prompt: "a quiet bay", params: { seed } })
          assert.deepStrictEqual(takeBodies(), [{ prompt: "a quiet bay", params: { seed: sent } }])
        }
      })
    )
  )
})

describe("ImageGeneration.makeRequest", () => {
  it.effect("makeRequest builds the request that is sent", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const image = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 255])
        const request = ImageGeneration.makeRequest(
          {
            prompt: "a quiet bay",
            negativePrompt: "people",
            size: [768, 512],
            steps: 20,
            count: 2,
            seed: 42,
            models: ["AlbedoBase XL (SDXL)"],
            sourceImage: image,
            sourceMask: Uint8Array.from([1])
          },
          { nsfw: false, params: { steps: 21, karras: false } }
        )
        yield* submit(request)
        assert.deepStrictEqual(takeBodies(), [
          {
            prompt: "a quiet bay ### people",
            models: ["AlbedoBase XL (SDXL)"],
            source_image: Buffer.from(image).toString("base64"),
            source_mask: "AQ==",
            source_processing: "inpainting",
            nsfw: false,
            params: { width: 768, height: 512, steps: 21, n: 2, seed: "42", karras: false }
          }
        ])
        yield* submit(ImageGeneration.makeRequest({ prompt: "a quiet bay" }))
        assert.deepStrictEqual(takeBodies(), [{ prompt: "a quiet bay", params: {} }])
      })
    )
  )

  it.effect("makeRequest names invalid options, and fields of `more` by their own names", () =>
    run(() =>
      Effect.gen(function* () {
        const options = { prompt: "", size: [65, 64], steps: 501, count: 0, seed: 1.5, models: [""] } as const
        const more = { params: { clip_skip: 99 } }
        const error = yield* Effect.flip(submit(ImageGeneration.makeRequest(options, more)))
        assert(error._tag === "InvalidRequest")
        assert.sameMembers(Object.keys(error.errors), [
          "prompt",
          "size",
          "steps",
          "count",
          "seed",
          "payload.params.clip_skip"
        ])
        assert.match(error.message, /; size: /)
      })
    )
  )

  it.effect("makeRequest encodes the bytes of any image in base64", () =>
    run((takeBodies) =>
      forAll(FastCheck.uint8Array({ minLength: 1 }), (sourceImage) =>
        Effect.map(submit(ImageGeneration.makeRequest({ prompt: "a quiet bay", sourceImage })), () => {
          const [sent] = takeBodies()
          assert.strictEqual(sent.source_image, Buffer.from(sourceImage).toString("base64"))
        })
      )
    )
  )
})

describe("ImageGeneration.price", () => {
  it.effect("price sends `dry_run` and checks the same ranges", () =>
    run((takeBodies) =>
      Effect.gen(function* () {
        const priced = yield* ImageGeneration.price({ prompt: "a quiet bay", params: { n: 2 }, extra: { later: 1 } })
        assert.strictEqual(priced.kudos, 3)
        assert.deepStrictEqual(takeBodies(), [{ prompt: "a quiet bay", params: { n: 2 }, later: 1, dry_run: true }])
        const error = yield* refusedBy(ImageGeneration.price({ prompt: "", params: { width: 65 } }))
        assert.deepStrictEqual(Object.keys(error.errors).sort(), ["payload.params.width", "payload.prompt"])
        assert.isEmpty(takeBodies())
      })
    )
  )
})
