/** Refusals of large requests, whose pictures and prompts are secrets that must not be in the message. */
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { Effect, Layer, Redacted } from "effect"
import * as HordeClient from "effect-horde/HordeClient"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as TextGeneration from "effect-horde/TextGeneration"
import { scrub } from "../../packages/horde/src/internal/call/scrub.js"
import { stack } from "../support/stack.js"

const unknownKey = HordeClient.withApiKey(Redacted.make("unknownKey_aaaaaaaaaaa"))
const picture = "QUJDREVG/+".repeat(100_000)
const prompt = "a lighthouse at dusk (with gulls), ".repeat(5000)

describe("the refusal of a large request", () => {
  it.effect("has its own error, whatever the request contains", () =>
    Effect.gen(function* () {
      const errors = yield* Effect.all([
        Effect.flip(ImageGeneration.price({ prompt: "a fox", source_image: picture, source_processing: "img2img" })),
        Effect.flip(ImageGeneration.price({ prompt })),
        Effect.flip(TextGeneration.price({ prompt }))
      ]).pipe(unknownKey)
      for (const error of errors) {
        assert.instanceOf(error, HordeError.Unauthorized)
        assert.isBelow(error.message.length, 500)
      }
    }).pipe(Effect.provide(stack({ client: { apiKey: Redacted.make(Accounts.plainKey) } }).pipe(Layer.orDie)))
  )

  it("a message that quotes a large secret is masked", () => {
    const secret = prompt.slice(0, 20_000)
    for (const quoted of [secret, secret.toUpperCase(), secret.slice(300, 900), encodeURIComponent(secret)]) {
      assert.notInclude(scrub(`the prompt '${quoted}' is refused`, [secret]).toLowerCase(), "lighthouse")
    }
  })
})
