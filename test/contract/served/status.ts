/** The state of the horde, statistics and documents. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Documents from "effect-horde/Documents"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Stats from "effect-horde/Stats"
import * as Status from "effect-horde/Status"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Worker from "effect-horde/Worker"
import { asPlain, asWorker, dot, later, popped, type Scenarios } from "./scenario.js"

const image = {
  prompt: "a bay",
  params: { width: 512, height: 512, steps: 10 },
  models: ["stable_diffusion"],
  r2: false
}
const text = { prompt: "a tale", params: { max_length: 32 }, models: ["koboldcpp/LLaMA"] }
const popImage = asWorker(Worker.popImage({ name: "easel", models: ["stable_diffusion"], threads: 3 }))
const popText = asWorker(Worker.popText({ name: "a pen", models: ["koboldcpp/LLaMA"] }))

export const status: Scenarios = {
  "the horde is up, and its news and contracts are published": Effect.gen(function* () {
    assert.include(yield* Status.heartbeat, { message: "OK", version: "5.1.5" })
    assert.isNotEmpty(yield* Status.news)
    const { samplers } = yield* Status.samplerConstraints
    assert.property(samplers, "k_euler")
    const { image, text } = yield* Status.styleContract
    assert.isDefined(image?.placeholders)
    assert.isDefined(text?.placeholders)
  }),

  "the modes are switched, and maintenance refuses jobs": Effect.gen(function* () {
    assert.include(yield* Status.modes, { maintenance_mode: false, invite_only_mode: false })
    yield* Status.setModes({ maintenance_mode: true, invite_only_mode: true })
    assert.include(yield* later(Status.modes), { maintenance_mode: true, invite_only_mode: true })
    const refused = yield* Effect.flip(Effect.scoped(asPlain(ImageGeneration.submit(image))))
    assert.strictEqual(refused._tag, "Maintenance")
  }),

  "workers and waiting jobs show in models and performance": Effect.gen(function* () {
    yield* popImage
    yield* popText
    yield* asPlain(ImageGeneration.submit(image))
    yield* asPlain(TextGeneration.submit(text))
    assert.include(yield* Status.performance, {
      queued_requests: 1,
      queued_text_requests: 1,
      worker_count: 1,
      text_worker_count: 1,
      thread_count: 3
    })
    const [model, ...others] = yield* Status.models({ type: "image", min_count: 3 })
    assert.include(model, { name: "stable_diffusion", type: "image", count: 3, jobs: 1 })
    assert.isEmpty(others)
    const [ofText] = yield* Status.model("koboldcpp/LLaMA")
    assert.include(ofText, { name: "koboldcpp/LLaMA", type: "text", count: 1, jobs: 1 })
  }).pipe(Effect.scoped),

  "deliveries show in the statistics": Effect.gen(function* () {
    yield* asPlain(ImageGeneration.submit(image))
    yield* asPlain(TextGeneration.submit(text))
    yield* asWorker(Worker.submitImage({ id: popped(yield* popImage), generation: dot, seed: 1 }))
    yield* asWorker(Worker.submitText({ id: popped(yield* popText), generation: "once upon a time".repeat(10) }))
    const images = yield* later(Stats.imageTotals)
    assert.deepStrictEqual(images.hour, { images: 1, ps: 512 * 512 * 10 })
    assert.deepStrictEqual((yield* Stats.textTotals).hour, { requests: 1, tokens: 32 })
    // models are counted once a day
    yield* Effect.sleep("1 day")
    assert.deepStrictEqual((yield* Stats.imageModels()).total, { stable_diffusion: 1 })
    assert.deepStrictEqual((yield* Stats.textModels).total, { "koboldcpp/LLaMA": 1 })
  }).pipe(Effect.scoped),

  "the documents are there in both formats": Effect.gen(function* () {
    for (const document of [Documents.terms, Documents.privacy, Documents.sponsors]) {
      assert.match((yield* document()).html ?? "", /<h1>/)
      assert.match((yield* document("markdown")).markdown ?? "", /^# /)
    }
  })
}
