/**
 * A program of `@effect/ai` that runs on the horde: the last lines choose the provider, and the rest does not know it.
 *
 * Run with: npm run example -- language-model ["a subject"]
 */
import { Chat } from "@effect/ai"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { HordeLanguageModel } from "@effect-horde/ai"
import { Console, Effect } from "effect"
import * as Here from "./support/horde.js"

const words = process.argv.slice(2).join(" ")
const subject = words === "" ? "a lighthouse keeper" : words

/** It needs a `LanguageModel`, of whichever provider. */
const program = Effect.gen(function* () {
  const chat = yield* Chat.fromPrompt([{ role: "system", content: "You tell stories in a few sentences." }])
  for (const prompt of [`Tell me a story about ${subject}.`, "How does it end?"]) {
    yield* Console.log(`\n> ${prompt}\n`)
    const { content, finishReason, text } = yield* chat.generateText({ prompt })
    yield* Console.log(text)
    const details = content.find((part) => part.type === "finish")?.metadata.horde
    yield* Console.log(`\n(by worker "${details?.workerName}", seed ${details?.seed}; the end: ${finishReason})`)
  }
})

// another provider: OpenAiLanguageModel.model("gpt-4o")
const model = HordeLanguageModel.model(undefined, { params: { max_length: 80, temperature: 0.7 } })

Console.log(
  `On ${Here.url ?? "an embedded horde, which writes sentences of its own: set HORDE_URL for real models"}`
).pipe(
  Effect.zipRight(Effect.provide(program, model)),
  Effect.provide([Here.layer({ takes: "2 seconds" }), NodeContext.layer]),
  NodeRuntime.runMain
)
