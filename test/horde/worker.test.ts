/** Workers: what they send, what they get, and what is repeated. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Endpoint from "effect-horde/Endpoint"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as HordeClient from "effect-horde/HordeClient"
import * as Job from "effect-horde/Job"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as Worker from "effect-horde/Worker"
import { type Answer, answering, endpoints, json, server } from "../support/scripted.js"
import { baseUrl } from "../support/stack.js"
import { runToEnd } from "../support/virtualTime.js"

const id = Job.GenerationId.make("3f6568f6-98d3-42bc-b949-a99493e5592a")

const sends = <A, E>(call: Effect.Effect<A, E, Layer.Layer.Success<typeof Worker.layer>>, reply: unknown = {}) =>
  Effect.gen(function* () {
    const script = server(() => json(200, reply))
    yield* Effect.provide(call, endpoints().pipe(Layer.provide(script.layer)))
    return script.sent.map(({ body, headers, method, url }) => ({
      to: `${method} ${url.pathname}`,
      key: headers["apikey"],
      body: JSON.parse(body ?? "null")
    }))
  })

describe("requests of workers", () => {
  const pop: Worker.PopInputStable = { name: "w1", models: ["stable_diffusion"], max_pixels: 262_144, amount: 2 }
  const cases = {
    popImage: [
      Worker.popImage({ ...pop, extra: { tomorrow: 1 } }),
      "POST /api/v2/generate/pop",
      { ...pop, tomorrow: 1 }
    ],
    submitImage: [
      Worker.submitImage({
        id,
        generation: "R2",
        seed: 7,
        gen_metadata: [{ type: "lora", value: "see_ref", ref: "12" }]
      }),
      "POST /api/v2/generate/submit",
      { id, generation: "R2", seed: 7, gen_metadata: [{ type: "lora", value: "see_ref", ref: "12" }] }
    ],
    popText: [
      Worker.popText({ name: "t1", models: ["koboldcpp/LLaMA"], max_length: 512 }),
      "POST /api/v2/generate/text/pop",
      { name: "t1", models: ["koboldcpp/LLaMA"], max_length: 512 }
    ],
    submitText: [
      Worker.submitText({ id, generation: "faulted", state: "faulted" }),
      "POST /api/v2/generate/text/submit",
      { id, generation: "faulted", state: "faulted" }
    ],
    popAlchemy: [
      Worker.popAlchemy({ name: "a1", forms: ["caption", "a form of tomorrow"], annotation_types: ["canny"] }),
      "POST /api/v2/interrogate/pop",
      { name: "a1", forms: ["caption", "a form of tomorrow"], annotation_types: ["canny"] }
    ],
    submitAlchemy: [
      Worker.submitAlchemy({ id, result: { caption: "a bay" } }),
      "POST /api/v2/interrogate/submit",
      { id, result: { caption: "a bay" } }
    ]
  } as const

  for (const [name, [call, to, body]] of Object.entries(cases)) {
    it.effect(`${name} sends its fields and those in extra, with the key of the owner`, () =>
      Effect.gen(function* () {
        const sent = yield* sends<unknown, unknown>(call, { reward: 1 })
        assert.deepStrictEqual(sent, [{ to, key: Accounts.ownerKey, body }])
      })
    )
  }

  it.effect("values outside of the published ranges are not sent, but are under Endpoint.lenient", () =>
    Effect.gen(function* () {
      const script = server(() => json(200, {}))
      const layer = endpoints().pipe(Layer.provide(script.layer))
      const wrong: ReadonlyArray<readonly [string, Partial<Worker.PopInputStable>]> = [
        ["payload.amount", { amount: 21 }],
        ["payload.threads", { threads: 51 }],
        ["payload.models.0", { models: ["ab"] }],
        ["payload.bridge_agent", { bridge_agent: "a".repeat(1001) }],
        ["payload.max_pixels", { max_pixels: 0.5 }]
      ]
      for (const [field, change] of wrong) {
        const call = Worker.popImage({ ...pop, ...change })
        const error = yield* Effect.flip(Effect.provide(call, layer))
        assert.strictEqual(error._tag, "InvalidRequest")
        if (error._tag === "InvalidRequest") assert.deepStrictEqual(Object.keys(error.errors), [field])
        assert.lengthOf(script.sent, 0)
        yield* Effect.provide(Endpoint.lenient(call), layer)
        assert.lengthOf(script.sent.splice(0), 1)
      }
    })
  )
})

describe("replies to workers", () => {
  it.effect("a reply without a job has no id and no ids, but a payload and the reasons", () =>
    Effect.gen(function* () {
      const nothing = {
        payload: { ddim_steps: 30, n_iter: 1, sampler_name: "k_euler_a" },
        id: null,
        ids: [],
        ttl: null,
        model: null,
        skipped: { "post-processing": 2, models: 0 }
      }
      const reply = yield* Worker.popImage({ name: "w1", models: ["a model"] }).pipe(
        Effect.provide(answering(json(200, nothing)))
      )
      assert.isUndefined(reply.id)
      assert.deepStrictEqual(reply.ids, [])
      assert.deepStrictEqual(reply.skipped, { "post-processing": 2, models: 0 })
      const none = yield* Worker.popAlchemy({ name: "a1", forms: [] }).pipe(
        Effect.provide(answering(json(200, { forms: null, skipped: {} })))
      )
      assert.deepStrictEqual(none.forms, [])
    })
  )

  it.effect("parameters of tomorrow reach the worker, and a field that cannot be decoded is left out", () =>
    Effect.gen(function* () {
      const job = { id, ids: [id], payload: { prompt: "a bay", sampler_zeta: 3, width: "wide" }, messages: "none" }
      const { ids, messages, payload } = yield* Worker.popImage({ name: "w1", models: ["a model"] }).pipe(
        Effect.provide(answering(json(200, job)))
      )
      assert.deepStrictEqual(ids, [id])
      assert.deepStrictEqual(payload, { prompt: "a bay", sampler_zeta: 3 })
      assert.deepStrictEqual(messages, [])
    })
  )

  it("prompts, source images, links and results are masked in logs", () => {
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(Worker.SubmitImage), ["payload.generation"])
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(Worker.SubmitText), ["payload.generation"])
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(Worker.SubmitAlchemy), ["payload.result"])
    const secret = "secret"
    const image: Worker.GenerationPayloadStable = {
      id,
      ids: [id],
      messages: [],
      model: "a model",
      payload: { prompt: secret, sampler_zeta: secret, extra_texts: [{ text: secret }] },
      source_image: secret,
      source_mask: secret,
      extra_source_images: [{ image: secret }],
      r2_upload: secret,
      r2_uploads: [secret]
    }
    const form = { id, form: "caption", source_image: secret, r2_upload: secret }
    const text: Worker.GenerationPayloadKobold = {
      ids: [],
      messages: [],
      payload: { prompt: secret, stop_sequence: [secret] }
    }
    const shown = JSON.stringify([
      EndpointMetadata.logSafeModel(Worker.GenerationPayloadStable, image),
      EndpointMetadata.logSafeModel(Worker.GenerationPayloadKobold, text),
      EndpointMetadata.logSafeModel(Worker.InterrogationPopPayload, { forms: [form] }),
      EndpointMetadata.logSafe(Worker.SubmitText, { payload: { id, generation: secret } }),
      EndpointMetadata.logSafe(Worker.SubmitAlchemy, { payload: { id, result: { caption: secret } } })
    ])
    assert.notInclude(shown, secret)
    assert.include(shown, "a model")
  })
})

describe("calls whose reply was lost", () => {
  const lost: Answer = { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" }

  const over = (script: ReturnType<typeof server>) =>
    Worker.layer.pipe(
      Layer.provide(HordeClient.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) })),
      Layer.provide([RateLimit.layerNone, Retry.layer(), script.layer])
    )

  it.effect("a pop is not repeated: it may have taken a job", () =>
    Effect.gen(function* () {
      const script = server(() => lost)
      const error = yield* runToEnd(
        Effect.flip(Worker.popText({ name: "t1", models: ["a model"] })).pipe(Effect.provide(over(script)))
      )
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.lengthOf(script.sent, 1)
    })
  )

  it.effect("a submit is repeated, and the server says if the first attempt had arrived", () =>
    Effect.gen(function* () {
      const script = server((_, at) => (at === 0 ? lost : json(400, { message: "twice", rc: "DuplicateGen" })))
      const error = yield* runToEnd(
        Effect.flip(Worker.submitText({ id, generation: "a text" })).pipe(Effect.provide(over(script)))
      )
      assert.deepInclude(error, { _tag: "BadRequest", rc: "DuplicateGen" })
      assert.lengthOf(script.sent, 2)
    })
  )
})
