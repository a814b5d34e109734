/** Errors of the horde are errors of `@effect/ai`, with the error of the horde as their cause. */
import type * as AiError from "@effect/ai/AiError"
import * as LanguageModel from "@effect/ai/LanguageModel"
import { assert, describe, it } from "@effect/vitest"
import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
import { Accounts, Faults } from "@effect-horde/server"
import { Duration, Effect, Either, Layer, Option, Redacted, Schema, Stream } from "effect"
import type * as HordeError from "effect-horde/HordeError"
import { json } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import { jobOutcomes, jobs, runToEnd, script } from "../support/virtualTime.js"
import { watch } from "../support/watch.js"
import { answering, embedded } from "./support.js"

const generateText = LanguageModel.generateText({ prompt: "Tell me about the lighthouse" })

/** The error of a call, and the error of the horde that caused it. */
const failing: Effect.Effect<
  { readonly error: AiError.AiError; readonly cause: HordeError.Shape },
  unknown,
  LanguageModel.LanguageModel
> = Effect.gen(function* () {
  const result = yield* Effect.either(runToEnd(generateText))
  assert.isTrue(Either.isLeft(result))
  const error = yield* Effect.flip(result)
  return { error, cause: yield* HordeLanguageModel.hordeError(error) }
})

describe("errors of the language model", () => {
  it.effect("a refusal is HttpResponseError with its status, and its tag is in the cause", () =>
    Effect.gen(function* () {
      const { cause, error } = yield* failing
      assert(error._tag === "HttpResponseError")
      assert.strictEqual(error.response.status, 401)
      assert.strictEqual(error.reason, "StatusCode")
      assert.strictEqual(error.request.url, "/v2/generate/text/async")
      assert.strictEqual(error.method, "generateText")
      assert.strictEqual(cause._tag, "Unauthorized")
      assert.include(error.message, cause.message)
      assert.isTrue(error.cause === cause)
    }).pipe(
      Effect.provide(
        HordeLanguageModel.layer().pipe(Layer.provide(stack({ client: { apiKey: Redacted.make("x".repeat(22)) } })))
      )
    )
  )

  it.effect("a rate limit has the time to wait", () => {
    const limited = json(429, { message: "too many" }, { "retry-after": "4000" })
    return Effect.gen(function* () {
      const { cause, error } = yield* failing
      assert(error._tag === "HttpResponseError")
      assert.strictEqual(error.response.status, 429)
      assert.strictEqual(error.response.headers["retry-after"], "4000")
      assert.strictEqual(cause._tag, "RateLimited")
      assert.strictEqual(Duration.toSeconds(cause.retryAfter ?? 0), 4000)
    }).pipe(answering("never", { replies: { submit: () => limited } }).run)
  })

  it.effect("a reply that does not decode is HttpResponseError with the reason Decode", () =>
    Effect.gen(function* () {
      const { cause, error } = yield* failing
      assert(error._tag === "HttpResponseError")
      assert.strictEqual(error.reason, "Decode")
      assert.strictEqual(cause._tag, "UnexpectedResponse")
    }).pipe(answering("never", { replies: { status: () => json(200, "no object") } }).run)
  )

  it.effect("no connection is HttpRequestError", () =>
    Effect.gen(function* () {
      yield* script(Faults.refuse())
      const { cause, error } = yield* failing
      assert(error._tag === "HttpRequestError")
      assert.strictEqual(error.reason, "Transport")
      assert.strictEqual(cause._tag, "TransportError")
    }).pipe(embedded())
  )

  it.effect("a submit whose reply was lost is no HTTP error, which programs repeat", () =>
    Effect.gen(function* () {
      yield* script(Faults.reset("after", { method: "POST", path: "/v2/generate/text/async" }))
      const { cause, error } = yield* failing
      assert.strictEqual(error._tag, "UnknownError")
      assert.strictEqual(cause._tag, "OutcomeUnknown")
    }).pipe(embedded())
  )

  const ends: Readonly<Record<string, Effect.Effect<void, unknown, Effect.Effect.Context<ReturnType<typeof script>>>>> =
    {
      JobFaulted: script(Faults.stall()),
      JobImpossible: script(Faults.impossible()),
      JobExpired: script(Faults.vanish())
    }
  for (const [tag, prepare] of Object.entries(ends)) {
    it.effect(`${tag} is UnknownError`, () =>
      Effect.gen(function* () {
        yield* prepare
        const { cause, error } = yield* failing
        assert.strictEqual(error._tag, "UnknownError")
        assert.strictEqual(cause._tag, tag)
        assert.include(error.message, cause.message)
      }).pipe(embedded())
    )
  }

  it.effect("a deadline is UnknownError, and the job is cancelled", () =>
    Effect.gen(function* () {
      const { cause, error } = yield* failing
      assert.strictEqual(error._tag, "UnknownError")
      assert.strictEqual(cause._tag, "JobTimedOut")
      assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    }).pipe(embedded({ textWorker: { takes: "10 minutes" } }, { config: { deadline: "1 minute" } }))
  )

  it.effect("a stream fails with the same error", () =>
    Effect.gen(function* () {
      yield* script(Faults.impossible())
      const stream = LanguageModel.streamText({ prompt: "Hi" })
      const error = yield* Effect.flip(runToEnd(Stream.runDrain(stream)))
      assert(error._tag === "UnknownError")
      assert.strictEqual(error.method, "streamText")
      assert.isTrue(Option.isSome(HordeLanguageModel.hordeError(error)))
    }).pipe(embedded())
  )

  it.effect("an answer that is no object has no error of the horde", () =>
    Effect.gen(function* () {
      const object = LanguageModel.generateObject({ prompt: "Hi", schema: Schema.Struct({ a: Schema.String }) })
      const error = yield* Effect.flip(runToEnd(object))
      assert.isTrue(Option.isNone(HordeLanguageModel.hordeError(error)))
    }).pipe(answering("no").run)
  )

  it.effect("no error shows the key, the prompt, or the id of the job", () =>
    Effect.gen(function* () {
      yield* script(Faults.stall())
      const recorder = watch()
      const { error, printed } = yield* runToEnd(recorder.run(generateText))
      assert.isTrue(Option.isSome(error))
      const [job] = yield* jobs
      for (const secret of [Accounts.ownerKey, "lighthouse", job?.id ?? ""]) {
        assert.deepStrictEqual(
          printed.filter((one) => one.includes(secret)),
          []
        )
      }
    }).pipe(embedded())
  )
})
