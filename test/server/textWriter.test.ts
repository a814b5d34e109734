import { assert, describe, it } from "@effect/vitest"
import { HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { submit } from "./raw.js"
import { submitText, textStatus } from "./texts.js"

const embedded = (options: HordeServer.Options = {}) =>
  Effect.provide(HordeServer.layerClient({ seed: 1, limits: "raised", ...options }))

/** The texts of a job after its end. */
const texts = (body: object) =>
  Effect.gen(function* () {
    const id = yield* submitText(body)
    yield* TestClock.adjust("2 minutes")
    const { done, generations } = yield* textStatus(id)
    assert.isTrue(done)
    return (generations as ReadonlyArray<{ readonly text: string }>).map(({ text }) => text)
  })

describe("the built-in text worker", () => {
  it.effect("writes about as much as requested, and never more", () =>
    Effect.gen(function* () {
      for (const max_length of [16, 80, 512, 4096]) {
        const [text = ""] = yield* texts({ params: { max_length, max_context_length: 8192 } })
        assert.isAtMost(text.length, 4 * max_length)
        assert.isAbove(text.length, 4 * max_length - 20)
        assert.match(text, /^ [A-Z][a-z]+ [a-z ,.A-Z\n]*[a-z.,]$/)
      }
    }).pipe(embedded())
  )

  it.effect("writes another text for each prompt and for each attempt", () =>
    Effect.gen(function* () {
      const same = yield* texts({ params: { n: 5 } })
      const other = yield* texts({ prompt: "Once upon a tide" })
      assert.strictEqual(new Set([...same, ...other]).size, 6)
    }).pipe(embedded())
  )

  it.effect("writes the same texts on a server with the same seed", () =>
    Effect.gen(function* () {
      const story = texts({ params: { n: 3 } }).pipe(embedded())
      const first = yield* story
      yield* TestClock.setTime(0)
      assert.deepStrictEqual(yield* story, first)
    })
  )

  it.effect("ends before the first stop sequence, which is not a part of the text", () =>
    Effect.gen(function* () {
      const [sentence = ""] = yield* texts({ params: { stop_sequence: ["\n", "."] } })
      assert.isAbove(sentence.length, 20)
      assert.notInclude(sentence, ".")
      assert.notInclude(sentence, "\n")
      assert.deepStrictEqual(yield* texts({ params: { stop_sequence: [" "] } }), [""])
      const [whole = ""] = yield* texts({ params: { stop_sequence: ["", "§"] } })
      assert.isAbove(whole.length, 300)
    }).pipe(embedded())
  )

  it.effect("serves any model if the request names none, and otherwise the named one", () =>
    Effect.gen(function* () {
      const model = (body: object) =>
        Effect.gen(function* () {
          const id = yield* submitText(body)
          yield* TestClock.adjust("4 seconds")
          return (yield* textStatus(id))["generations"][0]?.model as string | undefined
        })
      assert.strictEqual(yield* model({}), "koboldcpp/LLaMA")
      assert.strictEqual(yield* model({ models: [] }), "koboldcpp/LLaMA")
      assert.strictEqual(
        yield* model({ models: ["unknown", "koboldcpp/Llama-3-8B-Instruct"] }),
        "koboldcpp/Llama-3-8B-Instruct"
      )
      assert.isUndefined(yield* model({ models: ["stable_diffusion"] }))
    }).pipe(embedded())
  )

  it.effect("has its own schedule, and works beside the image worker", () =>
    Effect.gen(function* () {
      yield* submit("a bay")
      yield* submitText()
      yield* TestClock.adjust("10 seconds")
      const server = yield* HordeServer.HordeServer
      const states = Effect.map(server.jobs, (jobs) => jobs.map(({ kind, state }) => [kind, state]))
      assert.deepStrictEqual(yield* states, [
        ["image", "processing"],
        ["text", "finished"]
      ])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* states, [
        ["image", "finished"],
        ["text", "finished"]
      ])
    }).pipe(embedded({ worker: { takes: "1 minute" }, textWorker: { takes: "5 seconds", startsAfter: 0 } }))
  )

  for (const [name, options, possible] of [
    ["is on by default", {}, true],
    ["is on beside configured image workers", { worker: { takesJobs: false } }, true],
    ["is off without any built-in worker", { worker: false }, false],
    ["can be off alone", { textWorker: false }, false],
    ["can be on alone", { worker: false, textWorker: { name: "writer" } }, true]
  ] as const) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const id = yield* submitText()
        yield* TestClock.adjust("3 seconds")
        assert.include(yield* textStatus(id), { done: possible, is_possible: possible })
      }).pipe(embedded(options))
    )
  }
})
