/** Workers of texts and of alchemy forms. */
import { assert, describe, it } from "@effect/vitest"
import { Faults } from "@effect-horde/server"
import { Effect, Fiber, TestClock } from "effect"
import * as Alchemy from "effect-horde/Alchemy"
import * as FollowUp from "effect-horde/FollowUp"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Worker from "effect-horde/Worker"
import { png } from "../support/jobServer.js"
import { jobs, requests, runToEnd, script } from "../support/virtualTime.js"
import { agent, beside, picture, workerStack } from "../support/workers.js"

const stack = Effect.provide(workerStack())

describe("a text worker", () => {
  const story = { prompt: "Once upon a time", params: { n: 2, max_length: 20 }, models: ["koboldcpp/LLaMA"] }
  const writer = { name: "t1", models: ["koboldcpp/LLaMA"], amount: 2 }

  it.effect("generates the texts that a client requests", () =>
    Effect.gen(function* () {
      const seen: Array<Worker.TextJob> = []
      const worker = Worker.runText({
        ...writer,
        generate: (job) =>
          Effect.as(
            Effect.sync(() => seen.push(job)),
            { text: `${job.payload.prompt}.`, seed: 5 }
          )
      })
      const texts = yield* runToEnd(beside(TextGeneration.generate(story), worker))
      assert.deepStrictEqual(
        texts.map(({ seed, text }) => [text, seed]),
        [
          ["Once upon a time.", 5],
          ["Once upon a time.", 5]
        ]
      )
      assert.lengthOf(seen, 2)
      assert.deepInclude(seen[0], { model: "koboldcpp/LLaMA" })
      assert.deepInclude(seen[0]?.payload, { max_length: 20 })
    }).pipe(stack)
  )

  for (const [censored, state] of [
    ["nsfw", "censored"],
    ["csam", "csam"]
  ] as const) {
    it.effect(`a text that is censored for ${censored} has the state ${state}`, () =>
      Effect.gen(function* () {
        const worker = Worker.runText({ ...writer, generate: () => Effect.succeed({ text: "no", censored }) })
        const texts = yield* runToEnd(beside(TextGeneration.generate(story), worker))
        assert.deepStrictEqual(
          texts.map((text) => text.state),
          [state, state]
        )
      }).pipe(stack)
    )
  }

  it.effect("each text fails on its own", () =>
    Effect.gen(function* () {
      let calls = 0
      const events: Array<Worker.Event> = []
      const worker = Worker.runText({
        ...writer,
        generate: () => (calls++ === 0 ? Effect.fail("no memory") : Effect.succeed("a text")),
        onEvent: (event) => Effect.sync(() => void events.push(event))
      })
      const texts = yield* runToEnd(beside(TextGeneration.generate(story), worker))
      assert.lengthOf(texts, 2)
      assert.sameMembers(
        events.map(({ _tag }) => _tag).filter((tag) => tag !== "Idle"),
        ["Popped", "Faulted", "Submitted", "Popped", "Submitted"]
      )
      assert.deepInclude((yield* jobs)[0], { finished: 2, restarted: 1 })
    }).pipe(stack)
  )
})

describe("an alchemy worker", () => {
  const options = {
    name: "a1",
    forms: ["caption", "nsfw", "RealESRGAN_x4plus"],
    amount: 3,
    bridge_agent: agent,
    sourceImages: { allowPrivateAddresses: true }
  } as const

  const statusAfter = (forms: ReadonlyArray<string>, generate: Worker.AlchemyWorkerOptions["generate"]) =>
    Effect.gen(function* () {
      const events: Array<Worker.Event> = []
      const worker = Worker.runAlchemy({
        ...options,
        generate,
        onEvent: (event) => Effect.sync(() => void events.push(event))
      })
      const client = Effect.gen(function* () {
        const submit = yield* Alchemy.Submit
        const { id } = yield* submit({ payload: { source_image: png, forms: forms.map((name) => ({ name })) } })
        yield* Effect.sleep("30 seconds")
        return yield* Alchemy.status(id)
      })
      const { forms: done } = yield* runToEnd(Effect.scoped(beside(client, worker)))
      return { done, events }
    })

  it.effect("gets the source image, and delivers values and pictures", () =>
    Effect.gen(function* () {
      const sources: Array<Uint8Array> = []
      const { done } = yield* statusAfter(options.forms, ({ form, source_image }) =>
        Effect.sync(() => {
          sources.push(source_image.bytes)
          return form === "caption" ? "a bay" : form === "nsfw" ? false : picture
        })
      )
      const results = new Map(done?.map(({ form, result }) => [form, result]))
      assert.deepStrictEqual({ ...results.get("caption") }, { caption: "a bay" })
      assert.deepStrictEqual({ ...results.get("nsfw") }, { nsfw: false })
      assert.include(JSON.stringify(results.get("RealESRGAN_x4plus")), "/objects/")
      assert.lengthOf(yield* requests("PUT"), 1)
      for (const source of sources) assert.deepStrictEqual(Uint8Array.from(source), picture)
      assert.lengthOf(sources, 3)
    }).pipe(stack)
  )

  it.effect("a picture for a form without one, and a value for a post-processor, fail their forms", () =>
    Effect.gen(function* () {
      const { events } = yield* statusAfter(["caption", "RealESRGAN_x4plus"], ({ form }) =>
        Effect.succeed(form === "caption" ? picture : "a bay")
      )
      const reasons = events.flatMap((event) => (event._tag === "Faulted" ? [event.reason] : []))
      assert.deepStrictEqual(new Set(reasons), new Set(["InvalidResult"]))
      // the server gives a form up after its fourth failure
      assert.lengthOf(reasons, 8)
    }).pipe(stack)
  )

  it.scoped("an interrupted worker returns its forms", () =>
    Effect.gen(function* () {
      const submit = yield* Alchemy.Submit
      yield* submit({ payload: { source_image: png, forms: [{ name: "caption" }, { name: "nsfw" }] } })
      const fiber = yield* Effect.fork(Worker.runAlchemy({ ...options, generate: () => Effect.never }))
      yield* TestClock.adjust("20 seconds")
      assert.deepInclude((yield* jobs)[0], { processing: 2 })
      yield* runToEnd(Fiber.interrupt(fiber), "100 millis")
      assert.deepInclude((yield* jobs)[0], { processing: 0, waiting: 2, restarted: 2 })
    }).pipe(stack)
  )

  it.scoped("a form that was returned, and that another account's worker has by now, needs no other return", () =>
    Effect.gen(function* () {
      const submit = yield* Alchemy.Submit
      // the built-in worker takes the first form, and the second one as soon as it is returned
      yield* submit({ payload: { source_image: png, forms: [{ name: "caption" }, { name: "nsfw" }] } })
      const fiber = yield* Effect.fork(Worker.runAlchemy({ ...options, generate: () => Effect.never }))
      yield* TestClock.adjust("70 seconds")
      assert.deepInclude((yield* jobs)[0], { processing: 1, finished: 1 })
      yield* script(Faults.reset("after", { path: "/v2/interrogate/submit", times: 1 }))
      yield* runToEnd(Fiber.interrupt(fiber), "100 millis")
      const returns = yield* requests("POST", "/v2/interrogate/submit")
      assert.deepStrictEqual(
        returns.map(({ status }) => status),
        [200, 403]
      )
      const unfinished = yield* (yield* FollowUp.FollowUp).unfinished
      assert.deepStrictEqual(
        unfinished.map(({ job }) => job),
        ["alchemy"]
      )
    }).pipe(Effect.provide(workerStack({ alchemyWorker: { takes: "60 seconds", startsAfter: 0 } })))
  )
})
