/** Jobs: the client submits, watches and cancels them, and a worker processes them. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Alchemy from "effect-horde/Alchemy"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Users from "effect-horde/Users"
import * as Worker from "effect-horde/Worker"
import { asAnonymous, asPlain, asWorker, asWorker2, dot, later, popped, type Scenarios } from "./scenario.js"

const easel = { name: "easel", models: ["stable_diffusion"], nsfw: true }
const pen = { name: "a pen", models: ["koboldcpp/LLaMA"] }
const still = { name: "a still", forms: ["caption", "nsfw"] }

const picture: ImageGeneration.GenerationInputStable = {
  prompt: "a bay",
  params: { width: 64, height: 64, steps: 4 },
  models: ["stable_diffusion"],
  r2: false
}

const story: TextGeneration.GenerationInputKobold = {
  prompt: "Once upon a time",
  params: { max_length: 32, max_context_length: 256 },
  models: ["koboldcpp/LLaMA"]
}

const alchemy: Alchemy.ModelInterrogationInputStable = {
  source_image: dot,
  forms: [{ name: "caption" }, { name: "nsfw" }]
}

/** The number of delivered results by kind, in the records of an account. */
const deliveredBy = (account: number) => Effect.map(later(Users.get(account)), ({ records }) => records?.fulfillment)

export const jobs: Scenarios = {
  "an image is requested and delivered": Effect.gen(function* () {
    assert.isAbove((yield* asPlain(ImageGeneration.price(picture))).kudos, 0)
    const { id } = (yield* asPlain(ImageGeneration.submit(picture))).reply
    assert.include(yield* ImageGeneration.check(id), { waiting: 1, processing: 0, done: false })
    assert.include(yield* asPlain(ImageGeneration.submitted(id)), { prompt: "a bay", r2: false })
    const pop = yield* asWorker(Worker.popImage(easel))
    assert.include(pop.payload, { prompt: "a bay", ddim_steps: 4 })
    const { reward } = yield* asWorker(Worker.submitImage({ id: popped(pop), generation: dot, seed: 7 }))
    assert.isAbove(reward, 0)
    assert.include(yield* later(ImageGeneration.check(id)), { waiting: 0, finished: 1, done: true })
    const [generation] = (yield* ImageGeneration.status(id)).generations
    assert.include(generation, { id: popped(pop), img: dot, seed: "7", worker_name: "easel" })
    assert.deepStrictEqual(yield* deliveredBy(3), { image: 1, text: 0, interrogation: 0 })
    assert.isBelow((yield* Users.get(2)).kudos, 500)
    // only jobs that are shared with the public can be rated, and the server shares none
    const rated = yield* Effect.flip(ImageGeneration.rate(id, { best: popped(pop) }))
    assert.deepStrictEqual([rated.status, rated.rc], [400, "AestheticsNotPublic"])
  }).pipe(Effect.scoped),

  "an image is cancelled": Effect.gen(function* () {
    const { id } = (yield* asAnonymous(ImageGeneration.submit(picture))).reply
    assert.include(yield* ImageGeneration.cancel(id), { finished: 0, shared: false })
    assert.include(yield* ImageGeneration.check(id), { waiting: 0, finished: 0 })
    assert.isUndefined((yield* asWorker(Worker.popImage(easel))).id)
  }).pipe(Effect.scoped),

  "a text is requested and delivered": Effect.gen(function* () {
    assert.isAbove((yield* asPlain(TextGeneration.price(story))).kudos, 0)
    const { id } = (yield* asPlain(TextGeneration.submit(story))).reply
    assert.include(yield* TextGeneration.status(id), { waiting: 1, done: false })
    assert.include(yield* asPlain(TextGeneration.submitted(id)), { prompt: "Once upon a time" })
    const pop = yield* asWorker(Worker.popText(pen))
    assert.include(pop.payload, { prompt: "Once upon a time", max_length: 32 })
    const generation = " there was a bay."
    const { reward } = yield* asWorker(Worker.submitText({ id: popped(pop), generation }))
    assert.isAbove(reward, 0)
    const { done, generations } = yield* TextGeneration.status(id)
    assert.isTrue(done)
    assert.include(generations[0], { text: generation, worker_name: "a pen" })
    assert.deepStrictEqual(yield* deliveredBy(3), { image: 0, text: 1, interrogation: 0 })
    assert.isBelow((yield* Users.get(2)).kudos, 500)
  }).pipe(Effect.scoped),

  "a text is cancelled": Effect.gen(function* () {
    const { id } = (yield* asPlain(TextGeneration.submit(story))).reply
    // the reply shows the job as it was
    assert.include(yield* TextGeneration.cancel(id), { waiting: 1, finished: 0 })
    assert.include(yield* TextGeneration.status(id), { waiting: 0, finished: 0 })
    assert.isUndefined((yield* asWorker(Worker.popText(pen))).id)
  }).pipe(Effect.scoped),

  "alchemy forms are requested and delivered, and the others are cancelled": Effect.gen(function* () {
    const { id } = (yield* asPlain(Alchemy.submit(alchemy))).reply
    assert.strictEqual((yield* Alchemy.status(id)).state, "waiting")
    const { forms } = yield* asWorker2(Worker.popAlchemy(still))
    assert.deepStrictEqual(
      forms.map(({ form }) => form),
      ["caption"]
    )
    for (const form of forms) {
      const { reward } = yield* asWorker2(Worker.submitAlchemy({ id: form.id, result: { caption: "a dot" } }))
      assert.isAbove(reward, 0)
    }
    const cancelled = yield* Alchemy.cancel(id)
    const seen = cancelled.forms.map(({ form, result, state }) => `${form} ${state} ${result?.caption}`)
    assert.sameMembers(seen, ["caption done a dot", "nsfw cancelled undefined"])
    assert.strictEqual((yield* Alchemy.status(id)).state, "partial")
    assert.deepStrictEqual((yield* asWorker2(Worker.popAlchemy(still))).forms, [])
    assert.deepStrictEqual(yield* deliveredBy(4), { image: 0, text: 0, interrogation: 1 })
  }).pipe(Effect.scoped)
}
