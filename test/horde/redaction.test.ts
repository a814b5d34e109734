/** The server's quotes of a request are masked, which changes neither the code nor the class of the error. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type * as HordeError from "effect-horde/HordeError"
import type * as ImageGeneration from "effect-horde/ImageGeneration"
import * as SharedKeys from "effect-horde/SharedKeys"
import { type Answer, answering, json } from "../support/scripted.js"
import { rawSubmit } from "../support/virtualTime.js"

const mask = "<redacted>"

const submitting = (
  prompt: string,
  answer: Answer,
  request: Partial<ImageGeneration.GenerationInputStable> = {}
): Effect.Effect<HordeError.CallError, unknown> =>
  Effect.flip(Effect.scoped(rawSubmit({ ...request, prompt }))).pipe(
    Effect.provide(answering(answer))
  ) as Effect.Effect<HordeError.CallError, unknown>

const maskedMessage = (prompt: string, message: string) =>
  Effect.map(submitting(prompt, json(400, { message, rc: "CorruptPrompt" })), (error) => error.message)

describe("classes and codes of refusals", () => {
  const cases: ReadonlyArray<readonly [prompt: string, status: number, rc: string, tag: string]> = [
    ["kudos", 403, "KudosUpfront", "KudosRefused"],
    ["mode", 400, "MaintenanceMode", "Maintenance"],
    ["MaintenanceMode", 400, "MaintenanceMode", "Maintenance"],
    ["too many prompts", 429, "TooManyPrompts", "TooManyJobs"],
    ["prompts", 429, "TooManyPrompts", "TooManyJobs"],
    ["timeout", 403, "TimeoutIP", "Forbidden"],
    ["request", 404, "RequestNotFound", "NotFound"],
    ["key", 403, "SharedKeyEmpty", "KudosRefused"]
  ]
  for (const [prompt, status, rc, tag] of cases) {
    it.effect(`the error's class and code do not depend on the prompt: "${prompt}" with ${rc}`, () =>
      Effect.gen(function* () {
        const error = yield* submitting(prompt, json(status, { message: `no: ${rc}`, rc }))
        assert.deepStrictEqual([error._tag, error.rc], [tag, rc])
      })
    )
  }

  it.effect("the retry time in a message does not depend on the prompt", () =>
    Effect.gen(function* () {
      const error = yield* submitting("30 more seconds", json(403, { message: "30 more seconds", rc: "TimeoutIP" }))
      assert.strictEqual(error.retryAfter !== undefined, true)
    })
  )

  it.effect("a code that contains the API key is dropped", () =>
    Effect.gen(function* () {
      const key = "abcdefghijklmnopqrstuv"
      const error = yield* Effect.flip(SharedKeys.create()).pipe(
        Effect.provide(answering(json(403, { message: "no", rc: `Bad ${key}` }), { apiKey: Redacted.make(key) }))
      )
      assert.isUndefined(error.rc)
    })
  )
})

describe("short prompts", () => {
  it.effect("a short prompt is masked as a separate word and nowhere else", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* maskedMessage("ant", "An important ant, Ant!"), `An important ${mask}, ${mask}!`)
      assert.strictEqual(
        yield* maskedMessage("mode", "The model's mode is not a modem"),
        `The model's ${mask} is not a modem`
      )
      assert.strictEqual(yield* maskedMessage("über", "überall ist über"), `überall ist ${mask}`)
    })
  )

  it.effect("a short prompt does not mask the name of a field", () =>
    Effect.gen(function* () {
      const errors = { "params.width": "is wrong", prompt: "a bay is too short" }
      const error = yield* submitting("width", json(400, { message: "Input payload validation failed", errors }))
      assert(error._tag === "BadRequest")
      assert.deepStrictEqual(Object.keys(error.errors ?? {}), ["params.width", "prompt"])
    })
  )
})

describe("prompts", () => {
  const prompt = "a secret castle in the misty mountains, by a famous painter"

  it.effect("a prompt is masked completely and in part, whatever surrounds it", () =>
    Effect.gen(function* () {
      const quotes = [
        prompt,
        prompt.toUpperCase(),
        prompt.slice(0, 30),
        prompt.slice(20),
        "misty mountains",
        encodeURIComponent(prompt),
        JSON.stringify(prompt)
      ]
      for (const quote of quotes) {
        const message = yield* maskedMessage(prompt, `not allowed: ${quote} (sorry)`)
        assert.notMatch(message, /castle|misty|mountain|painter|CASTLE/, quote)
        assert.match(message, /^not allowed: .*<redacted>.*\(sorry\)$/, quote)
      }
    })
  )

  it.effect("a part of a prompt in quotation marks is masked", () =>
    Effect.gen(function* () {
      for (const [open, close] of ["''", '""', "``", "“”", "‘’", "«»"]) {
        assert.strictEqual(
          yield* maskedMessage(prompt, `the word ${open}castle${close} is not allowed`),
          `the word ${open}${mask}${close} is not allowed`
        )
      }
    })
  )

  for (const length of [3, 8, 11, 12, 20, 40, 41, 100, 7000]) {
    it.effect(`a prompt of ${length} characters is masked`, () =>
      Effect.gen(function* () {
        const text = "xyzzy plugh ".repeat(600).slice(0, length).trim()
        const message = yield* maskedMessage(text, `no ${text} here`)
        assert.strictEqual(message, `no ${mask} here`)
      })
    )
  }

  it.effect("a prompt with special characters, half a surrogate pair or line breaks is masked", () =>
    Effect.gen(function* () {
      for (const text of [
        "a\ud83d",
        "\ud83d",
        "a (b) [c] {d}.*+?^$|\\",
        "line one\nline two of it",
        "100 % / 3",
        "\u0130stanbul nights"
      ]) {
        const message = yield* maskedMessage(text, `no ${text} here`)
        if (text.length > 2) assert.notInclude(message, text)
      }
    })
  )

  it.effect("a message without words of the prompt is not masked", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* maskedMessage(prompt, "Input payload validation failed"),
        "Input payload validation failed"
      )
    })
  )

  it.effect("a webhook and a source image are masked", () =>
    Effect.gen(function* () {
      const webhook = "https://me.example/hook?token=12345"
      const image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
      const answer = json(400, { message: `${webhook} and ${image.slice(0, 30)}`, rc: "CorruptPrompt" })
      const error = yield* submitting(prompt, answer, { webhook, source_image: image })
      assert.strictEqual(error.message, `${mask} and ${mask}`)
    })
  )
})

describe("ids of shared keys", () => {
  const id = "0f3a4b5c-1d2e-4f60-8a9b-0c1d2e3f4a5b"
  it.effect("the id of a shared key is masked with and without dashes, in any case", () =>
    Effect.gen(function* () {
      const bare = id.replaceAll("-", "")
      const forms = [id, bare, id.toUpperCase(), `{${id}}`, bare.slice(0, 16)]
      for (const sent of [id, bare]) {
        for (const form of forms) {
          const error = yield* Effect.flip(SharedKeys.get(SharedKeys.sharedKeyId(sent))).pipe(
            Effect.provide(answering(json(401, { message: `no key ${form}`, rc: "InvalidAPIKey" })))
          )
          assert.notMatch(error.message, /0f3a4b5c|4f60/i, `${sent} ${form}`)
          assert.include(error.message, mask)
        }
      }
    })
  )

  it.effect("the id of a shared key is masked if it is the key of the call", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SharedKeys.create()).pipe(
        Effect.provide(
          answering(json(401, { message: `${id.replaceAll("-", "")} is none`, rc: "InvalidAPIKey" }), {
            apiKey: Redacted.make(id)
          })
        )
      )
      assert.notInclude(error.message, "0f3a4b5c")
    })
  )
})

describe("long messages", () => {
  it.effect("a message of a million characters is cut and masked", () =>
    Effect.gen(function* () {
      const prompt = "a secret castle in the misty mountains"
      const message = yield* maskedMessage(prompt, `${prompt} ${"x".repeat(1_000_000)}`)
      assert.isBelow(message.length, 3000)
      assert.notInclude(message, "castle")
    })
  )
})
