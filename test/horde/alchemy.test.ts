/** Alchemy jobs: what is sent and decoded, and that a job is cancelled when its scope closes before it is over. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Alchemy from "effect-horde/Alchemy"
import * as EndpointMetadata from "effect-horde/EndpointMetadata"
import * as FollowUp from "effect-horde/FollowUp"
import * as Job from "effect-horde/Job"
import { answering, endpoints, json, type Services, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

const id = Job.GenerationRequestId.make("42a368e5-5533-42cc-9c75-4ec437ad2310")
const status = `/api/v2/interrogate/status/${id}`
const caption = { source_image: "a secret image", forms: [{ name: "caption" }, { name: "nsfw" }] }

/** Calls the submit endpoint alone: nothing polls the job, and closing the scope cancels it. */
const rawSubmit = Effect.flatMap(Alchemy.Submit, (call) => call({ payload: caption }))

const reply = (state: string, ...forms: ReadonlyArray<object>) => ({ state, forms })
const done = { form: "caption", state: "done", result: { caption: "a bay" } }

/** Runs a program on a server whose status is `last`, and returns the requests that it sent. */
const requestsOf = <A, E>(program: Effect.Effect<A, E, Services | FollowUp.FollowUp>, last: object) =>
  Effect.gen(function* () {
    const script = server(({ method }) => (method === "POST" ? json(202, { id }) : json(200, last)))
    yield* runToEnd(Effect.provide(program, endpoints().pipe(Layer.provide(script.layer))))
    return script.sent.map(({ body, method, url }) => [
      method,
      url.pathname,
      body === undefined ? body : JSON.parse(body)
    ])
  })

const sent = ["POST", "/api/v2/interrogate/async", caption]

describe("alchemy jobs", () => {
  it.effect("a job is cancelled once when its scope closes before it is over", () =>
    Effect.gen(function* () {
      const program = Effect.scoped(Effect.zipRight(rawSubmit, Alchemy.status(id)))
      const requests = yield* requestsOf(program, reply("waiting", done, { form: "nsfw", state: "waiting" }))
      assert.deepStrictEqual(requests, [sent, ["GET", status, undefined], ["DELETE", status, undefined]])
    })
  )

  for (const [state, ...forms] of [
    ["done", done],
    ["faulted"],
    ["partial", done, { form: "nsfw", state: "faulted" }, { form: "vectorize", state: "cancelled" }]
  ] as const) {
    it.effect(`a job that is ${state} is not cancelled`, () =>
      Effect.gen(function* () {
        const program = Effect.scoped(Effect.zipRight(rawSubmit, Alchemy.status(id)))
        const requests = yield* requestsOf(program, reply(state, ...forms))
        assert.deepStrictEqual(requests, [sent, ["GET", status, undefined]])
      })
    )
  }

  it.effect("a job that was cancelled is not cancelled again when its scope closes", () =>
    Effect.gen(function* () {
      const program = Effect.scoped(Effect.zipRight(rawSubmit, Alchemy.cancel(id)))
      const requests = yield* requestsOf(program, reply("partial", done))
      assert.deepStrictEqual(requests, [sent, ["DELETE", status, undefined]])
    })
  )

  it.effect("an unfinished job is one of alchemy", () =>
    Effect.gen(function* () {
      const program = Effect.scoped(
        Effect.gen(function* () {
          yield* rawSubmit
          const [job] = yield* (yield* FollowUp.FollowUp).unfinished
          assert.strictEqual(job?.job, "alchemy")
        })
      )
      yield* requestsOf(program, reply("partial", done))
      assert.strictEqual(EndpointMetadata.resultsExpected(Alchemy.Submit, { payload: caption }), 2)
    })
  )

  it.effect("an id that is no path segment is not sent", () =>
    Effect.gen(function* () {
      for (const odd of ["", ".", "..", "half \ud83d"]) {
        const script = server(() => json(200, reply("done")))
        const error = yield* Effect.flip(
          Effect.provide(Alchemy.status(odd as never), endpoints().pipe(Layer.provide(script.layer)))
        )
        assert.strictEqual(error._tag, "InvalidRequest", odd)
        assert.lengthOf(script.sent, 0)
      }
    })
  )
})

const decode = (body: unknown) => Alchemy.status(id).pipe(Effect.provide(answering(json(200, body))))

describe("results of forms", () => {
  it.effect("known forms have their type, and the results of others are JSON", () =>
    Effect.gen(function* () {
      const tags = [{ text: "cat", confidence: 0.9 }]
      const results = [
        { caption: "a bay" },
        { nsfw: false },
        { interrogation: { tags } },
        { RealESRGAN_x4plus: "https://objects.example.invalid/a.webp" },
        { palette: [["#ff0000", 0.5]] },
        { "a form of tomorrow": { deep: [1, null] } }
      ]
      const { forms } = yield* decode(
        reply("done", ...results.map((result) => ({ form: Object.keys(result)[0], state: "done", result })))
      )
      assert.deepStrictEqual(
        forms.map(({ result }) => result),
        results
      )
    })
  )

  it.effect("a result of another type is absent, and the rest of the reply is decoded", () =>
    Effect.gen(function* () {
      const { forms } = yield* decode(
        reply("done", { form: "caption", state: "done", result: { caption: ["a"] } }, { form: "nsfw" }, done)
      )
      // the second form has no state
      assert.deepStrictEqual(forms, [{ form: "caption", state: "done", result: {} }, done])
    })
  )

  it.effect("forms that cannot be decoded do not end a job that is running", () =>
    Effect.gen(function* () {
      assert.isFalse(Alchemy.isOver(yield* decode({ state: "processing", forms: null })))
      assert.isFalse(Alchemy.isOver(yield* decode(reply("done", { form: "caption", state: "a state of tomorrow" }))))
    })
  )

  it("source images and results are masked in logs", () => {
    assert.deepStrictEqual(EndpointMetadata.sensitiveFields(Alchemy.Submit), [
      "payload.source_image",
      "payload.webhook"
    ])
    const shown = JSON.stringify(
      EndpointMetadata.logSafeModel(Alchemy.InterrogationStatus, {
        state: "done",
        forms: [{ form: "caption", state: "done", result: { caption: "a secret", other: "a secret" } }]
      })
    )
    assert.notInclude(shown, "secret")
    assert.include(shown, "caption")
  })
})
