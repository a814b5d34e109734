/** Each call of the language model is one text job on the embedded horde, which ends with its program. */
import * as Chat from "@effect/ai/Chat"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as Model from "@effect/ai/Model"
import { assert, describe, it } from "@effect/vitest"
import * as HordeLanguageModel from "@effect-horde/ai/HordeLanguageModel"
import { Accounts } from "@effect-horde/server"
import { Effect, Fiber, Option, Redacted, Stream, TestClock } from "effect"
import * as HordeClient from "effect-horde/HordeClient"
import { stack } from "../support/stack.js"
import { jobOutcomes, jobs, requests, runToEnd } from "../support/virtualTime.js"
import { watch } from "../support/watch.js"
import { answering, embedded } from "./support.js"

const prompt = "Tell me about the lighthouse"
const generateText = LanguageModel.generateText({ prompt })
const streamText = LanguageModel.streamText({ prompt })
const cancels = requests("DELETE", "/v2/generate/text/status/:id")

describe("generateText", () => {
  it.effect("is one text job of the model, whose text is the answer", () =>
    Effect.gen(function* () {
      const response = yield* runToEnd(generateText)
      assert.match(response.text, /^\w.*\w$/s)
      assert.strictEqual(response.usage.inputTokens, undefined)
      const [job, ...rest] = yield* jobs
      assert.deepStrictEqual(rest, [])
      assert.include(job, { kind: "text", state: "finished", prompt: `User: ${prompt}\n\nAssistant:`, cancels: 0 })
      assert.strictEqual(response.content.find(({ type }) => type === "response-metadata")?.type, "response-metadata")
    }).pipe(embedded())
  )

  it.effect("the parts are the metadata, the text, and the end with the details of the worker", () => {
    const horde = answering(" A light.\n\nUser: and", { fields: { model: "koboldcpp/LLaMA" } })
    return Effect.gen(function* () {
      const { content } = yield* runToEnd(generateText)
      const [metadata, text, finish, ...rest] = content
      assert.deepStrictEqual(rest, [])
      assert(metadata?.type === "response-metadata" && text?.type === "text" && finish?.type === "finish")
      assert.deepStrictEqual(metadata.modelId, Option.some("koboldcpp/LLaMA"))
      assert.strictEqual(text.text, "A light.")
      assert.strictEqual(finish.reason, "stop")
      assert.include(finish.metadata.horde, { seed: 7, state: "ok", workerName: "writer" })
    }).pipe(horde.run)
  })

  it.effect("the end is unknown if the server reports none, and a censored text says so", () =>
    Effect.gen(function* () {
      const open = yield* runToEnd(generateText).pipe(answering("A light").run)
      assert.strictEqual(open.finishReason, "unknown")
      const censored = yield* runToEnd(generateText).pipe(answering("no", { fields: { state: "censored" } }).run)
      assert.strictEqual(censored.finishReason, "content-filter")
    })
  )

  it.effect("a chat sends its history", () => {
    const horde = answering(" By the sea.")
    return Effect.gen(function* () {
      const chat = yield* Chat.fromPrompt([{ role: "system", content: "You are brief." }])
      yield* runToEnd(chat.generateText({ prompt: "Where is it?" }))
      yield* runToEnd(chat.generateText({ prompt: "And when?" }))
      const [, second] = yield* horde.submitted
      assert.strictEqual(
        second?.prompt,
        "System: You are brief.\n\nUser: Where is it?\n\nAssistant: By the sea.\n\nUser: And when?\n\nAssistant:"
      )
    }).pipe(horde.run)
  })

  it.effect("the key of a part of the program applies", () =>
    Effect.gen(function* () {
      yield* runToEnd(generateText.pipe(HordeClient.withApiKey(Redacted.make(Accounts.plainKey))))
      assert.deepStrictEqual(
        (yield* jobs).map(({ account }) => account),
        ["plain"]
      )
    }).pipe(embedded())
  )

  it.effect("its span is above those of the calls, and neither prompt nor answer is printed", () =>
    Effect.gen(function* () {
      const recorder = watch()
      const { exit, printed } = yield* runToEnd(recorder.run(Effect.provide(generateText, HordeLanguageModel.model())))
      assert(exit._tag === "Success")
      const model = recorder.spans.find(({ name }) => name === "LanguageModel.generateText")
      assert.strictEqual(model?.attributes.get("gen_ai.system"), "horde")
      assert.strictEqual(model?.attributes.get("gen_ai.request.max_tokens"), 256)
      const below = recorder.spans.filter(({ parent }) => Option.getOrUndefined(parent)?.spanId === model?.spanId)
      assert.isAtLeast(below.length, 1)
      for (const text of ["lighthouse", exit.value.text.slice(0, 20)]) assert.notInclude(printed.join("\n"), text)
    }).pipe(Effect.provide(stack()))
  )
})

describe("streamText", () => {
  it.effect("is one delta, followed by the end", () => {
    const horde = answering(" A light.")
    return Effect.gen(function* () {
      const parts = Array.from(yield* runToEnd(Stream.runCollect(streamText)))
      assert.deepStrictEqual(
        parts.map((part): string => (part.type === "text-delta" ? part.delta : part.type)),
        ["response-metadata", "text-start", "A light.", "text-end", "finish"]
      )
      assert.strictEqual(horde.counts.submit, 1)
    }).pipe(horde.run)
  })
})

describe("a program that ends early", () => {
  const ways: Readonly<Record<string, Effect.Effect<unknown, unknown, LanguageModel.LanguageModel>>> = {
    "generateText, interrupted": generateText,
    "streamText, interrupted": Stream.runDrain(streamText),
    "generateText with a time-out": Effect.timeout(generateText, "25 seconds"),
    "streamText with a time-out": Effect.timeout(Stream.runDrain(streamText), "25 seconds"),
    "generateText with a deadline": generateText.pipe(HordeLanguageModel.withConfigOverride({ deadline: "25 seconds" }))
  }
  for (const [name, program] of Object.entries(ways)) {
    it.effect(`${name}: the job is cancelled once`, () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.exit(program))
        yield* TestClock.adjust("20 seconds")
        assert.deepStrictEqual(yield* jobOutcomes, ["processing 0"])
        if (name.endsWith("interrupted")) yield* Fiber.interrupt(fiber)
        else yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
        assert.lengthOf(yield* cancels, 1)
      }).pipe(embedded({ textWorker: { takes: "5 minutes" } }))
    )
  }
})

describe("the configuration", () => {
  const config: HordeLanguageModel.Config.Service = {
    params: { temperature: 0.4, max_length: 100, stop_sequence: ["END"] },
    trusted_workers: true
  }

  it.effect("is the request's, and the answer ends at the stop sequences of both", () => {
    const horde = answering("one END two", { options: { model: "koboldcpp/LLaMA", config } })
    return Effect.gen(function* () {
      assert.strictEqual((yield* runToEnd(generateText)).text, "one")
      const [body] = yield* horde.submitted
      assert.deepInclude(body, { models: ["koboldcpp/LLaMA"], trusted_workers: true })
      assert.deepStrictEqual(body?.params, {
        temperature: 0.4,
        max_length: 100,
        n: 1,
        stop_sequence: ["END", "\nUser:", "\nSystem:", "\nAssistant:"]
      })
    }).pipe(horde.run)
  })

  it.effect("an override changes single fields, for the calls inside, and the inner one wins", () => {
    const horde = answering("one", { options: { model: "a", config } })
    return Effect.gen(function* () {
      yield* runToEnd(
        generateText.pipe(
          HordeLanguageModel.withConfigOverride({ params: { temperature: 1 } }),
          HordeLanguageModel.withConfigOverride({ models: ["b"], params: { temperature: 2, top_k: 5 } })
        )
      )
      yield* runToEnd(generateText)
      const [overridden, plain] = yield* horde.submitted
      assert.deepStrictEqual(overridden?.models, ["b"])
      assert.include(overridden?.params, { temperature: 1, top_k: 5, max_length: 100 })
      assert.deepStrictEqual(plain?.models, ["a"])
      assert.include(plain?.params, { temperature: 0.4 })
    }).pipe(horde.run)
  })

  it.effect("without a model, any model may answer, with 256 tokens", () => {
    const horde = answering("one")
    return Effect.gen(function* () {
      yield* runToEnd(generateText)
      const [body] = yield* horde.submitted
      assert.notProperty(body, "models")
      assert.strictEqual(body?.params?.max_length, 256)
    }).pipe(horde.run)
  })

  it.effect("a program changes its provider by one layer", () =>
    Effect.gen(function* () {
      const model = HordeLanguageModel.model("koboldcpp/LLaMA", { params: { max_length: 20 } })
      const program = Effect.zip(Model.ProviderName, generateText)
      const [provider] = yield* runToEnd(Effect.provide(program, model))
      assert.strictEqual(provider, "horde")
      assert.deepStrictEqual(yield* jobOutcomes, ["finished 0"])
    }).pipe(Effect.provide(stack()))
  )
})
