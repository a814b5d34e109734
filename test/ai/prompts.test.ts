/** A prompt becomes one text by a template; what is not text is refused before anything is sent. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import * as Tool from "@effect/ai/Tool"
import * as Toolkit from "@effect/ai/Toolkit"
import { assert, describe, it } from "@effect/vitest"
import * as ChatTemplate from "@effect-horde/ai/ChatTemplate"
import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
import { Effect, Option, Schema, Stream } from "effect"
import { runToEnd } from "../support/virtualTime.js"
import { answering } from "./support.js"

const messages: ReadonlyArray<ChatTemplate.Message> = [
  { role: "system", text: "Be brief." },
  { role: "user", text: "Hi" },
  { role: "assistant", text: "Hello" },
  { role: "user", text: "Who are you?" }
]

describe("templates", () => {
  it("plain names the roles", () => {
    assert.strictEqual(
      ChatTemplate.plain.render(messages),
      "System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Who are you?\n\nAssistant:"
    )
  })

  it("alpaca has headings for instructions and responses", () => {
    assert.strictEqual(
      ChatTemplate.alpaca.render(messages),
      "Be brief.\n\n### Instruction:\nHi\n\n### Response:\nHello\n\n### Instruction:\nWho are you?\n\n### Response:\n"
    )
  })

  it("ChatML has marks around each message", () => {
    assert.strictEqual(
      ChatTemplate.chatML.render(messages),
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n" +
        "<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n"
    )
  })

  it("each continues an answer at the end", () => {
    for (const template of [ChatTemplate.plain, ChatTemplate.alpaca, ChatTemplate.chatML]) {
      assert.match(template.render([...messages, { role: "assistant", text: "I am" }]), /I am$/)
    }
  })

  it.effect("the template of the configuration renders the prompt, and ends the answer", () => {
    const horde = answering("I am a lamp<|im_end|>\n<|im_start|>user", {
      options: { config: { template: ChatTemplate.chatML } }
    })
    return Effect.gen(function* () {
      const { text } = yield* runToEnd(LanguageModel.generateText({ prompt: "Who are you?" }))
      assert.strictEqual(text, "I am a lamp")
      const [body] = yield* horde.submitted
      assert.strictEqual(body?.prompt, "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n")
      assert.deepStrictEqual(body?.params?.stop_sequence, ["<|im_end|>", "<|im_start|>"])
    }).pipe(horde.run)
  })
})

describe("parts that are refused", () => {
  const user = (part: Prompt.UserMessagePartEncoded): Prompt.RawInput => [
    { role: "user", content: [{ type: "text", text: "Look:" }, part] }
  ]
  const refused: Readonly<Record<string, readonly [Prompt.RawInput, string]>> = {
    "an image": [
      user({ type: "file", mediaType: "image/png", data: new Uint8Array([1]) }),
      'message 1 (user) has a file of type "image/png"'
    ],
    "a file": [
      user({ type: "file", mediaType: "application/pdf", fileName: "a.pdf", data: new URL("https://example.org/a") }),
      'message 1 (user) has a file of type "application/pdf", "a.pdf"'
    ],
    "a call of a tool": [
      [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "tool-call", id: "1", name: "clock", params: {} }] }
      ],
      'message 2 (assistant) has a tool-call of the tool "clock"'
    ],
    "an empty prompt": [[], "the prompt has no messages"]
  }
  for (const [name, [prompt, description]] of Object.entries(refused)) {
    it.effect(name, () => {
      const horde = answering("never")
      return Effect.gen(function* () {
        const error = yield* Effect.flip(LanguageModel.generateText({ prompt }))
        assert.strictEqual(error._tag, "MalformedInput")
        assert(error._tag === "MalformedInput")
        assert.include(error.description, description)
        const streamed = yield* Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt })))
        assert.strictEqual(streamed.message, error.message)
        assert.strictEqual(horde.counts.submit, 0)
      }).pipe(horde.run)
    })
  }

  it.effect("reasoning of an earlier answer is left out", () => {
    const horde = answering("yes")
    const prompt: Prompt.RawInput = [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "Hello" }
        ]
      },
      { role: "user", content: "Well?" }
    ]
    return Effect.gen(function* () {
      yield* runToEnd(LanguageModel.generateText({ prompt }))
      const [body] = yield* horde.submitted
      assert.strictEqual(body?.prompt, "User: Hi\n\nAssistant: Hello\n\nUser: Well?\n\nAssistant:")
    }).pipe(horde.run)
  })

  const Clock = Tool.make("clock", { success: Schema.String })
  const Tools = Toolkit.make(Clock)
  const handlers = Tools.toLayer({ clock: () => Effect.succeed("noon") })

  it.effect("a toolkit, unless no tool may be called", () => {
    const horde = answering("noon")
    return Effect.gen(function* () {
      const call = { prompt: "What time is it?", toolkit: Tools }
      const error = yield* Effect.flip(LanguageModel.generateText(call))
      assert(error._tag === "MalformedInput")
      assert.strictEqual(error.description, "tools (clock): text jobs of the AI Horde cannot call tools")
      assert.strictEqual(horde.counts.submit, 0)
      const { text } = yield* runToEnd(LanguageModel.generateText({ ...call, toolChoice: "none" }))
      assert.strictEqual(text, "noon")
    }).pipe(Effect.provide(handlers), horde.run)
  })

  it.effect("a request that the horde would refuse names its fields, and is not sent", () => {
    const horde = answering("never", { options: { config: { params: { temperature: 9 } } } })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(LanguageModel.generateText({ prompt: "Hi" }))
      assert(error._tag === "MalformedInput")
      assert.include(error.description, "payload.params.temperature")
      assert.include(Option.getOrUndefined(HordeLanguageModel.hordeError(error)), { _tag: "InvalidRequest" })
      assert.strictEqual(horde.counts.submit, 0)
    }).pipe(horde.run)
  })
})
