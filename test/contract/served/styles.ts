/** Styles and collections. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Collections from "effect-horde/Collections"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Styles from "effect-horde/Styles"
import * as Users from "effect-horde/Users"
import * as Worker from "effect-horde/Worker"
import { asPlain, asWorker, later, type Scenarios } from "./scenario.js"

const oil: Styles.ModelStyleInputStable = {
  name: "oil",
  prompt: "{p}, in oil###{np}",
  params: { steps: 8 },
  models: ["stable_diffusion"]
}

const tale: Styles.ModelStyleInputKobold = { name: "tale", prompt: "Tell: {p}", models: ["koboldcpp/LLaMA"] }

const ids = (list: ReadonlyArray<{ readonly id: string }>) => list.map(({ id }) => id)

export const styles: Scenarios = {
  "an image style is created, changed, used and deleted": Effect.gen(function* () {
    const { id } = yield* Styles.createImage(oil)
    assert.deepInclude(yield* Styles.getImage(id), { name: "oil", params: { steps: 8 }, creator: "owner#1" })
    yield* Styles.modifyImage(id, { name: "oil two", tags: ["oil"], nsfw: true })
    yield* asPlain(ImageGeneration.submit({ prompt: "a bay", style: id, r2: false }))
    const { payload } = yield* asWorker(Worker.popImage({ name: "easel", models: ["stable_diffusion"] }))
    assert.include(payload, { prompt: "a bay, in oil###", ddim_steps: 8 })
    const seen = yield* later(Styles.getImageByName("oil two"))
    assert.deepInclude(seen, { id, prompt: "{p}, in oil###{np}", tags: ["oil"], nsfw: true, use_count: 1 })
    assert.deepStrictEqual(ids(yield* Styles.listImage({ tag: "oil" })), [id])
    yield* Styles.removeImage(id)
    assert.isEmpty(yield* later(Styles.listImage()))
  }).pipe(Effect.scoped),

  "the examples of an image style are added, changed and deleted": Effect.gen(function* () {
    const style = (yield* Styles.createImage(oil)).id
    const url = (name: string) => `https://example.invalid/${name}.webp`
    const examples = Effect.map(later(Styles.getImage(style)), (details) => details.examples)
    const first = yield* Styles.addExample(style, { url: url("bay"), primary: true })
    const second = yield* Styles.addExample(style, { url: url("sea"), primary: false })
    yield* Styles.modifyExample(style, second.id, { url: url("ocean"), primary: true })
    assert.deepStrictEqual(yield* examples, [
      { id: first.id, url: url("bay"), primary: false },
      { id: second.id, url: url("ocean"), primary: true }
    ])
    yield* Styles.removeExample(style, first.id)
    assert.deepStrictEqual(yield* examples, [{ id: second.id, url: url("ocean"), primary: true }])
  }),

  "a text style is created by an account that a moderator has made a customizer, changed and deleted": Effect.gen(
    function* () {
      yield* Users.modify(2, { customizer: true })
      const { id } = yield* asPlain(Styles.createText(tale))
      assert.include(yield* asPlain(Styles.getText(id)), { name: "tale", prompt: "Tell: {p}", creator: "plain#2" })
      yield* asPlain(Styles.modifyText(id, { name: "fable", params: { temperature: 0.5 } }))
      const seen = yield* later(Styles.getTextByName("fable"))
      assert.include(seen, { id, name: "fable", prompt: "Tell: {p}" })
      assert.include(seen.params, { temperature: 0.5 })
      assert.deepStrictEqual(ids(yield* Styles.listText({ model: "koboldcpp/LLaMA" })), [id])
      assert.deepInclude(yield* Users.get(2), { styles: [{ id, name: "plain#2::style::fable", type: "text" }] })
      yield* asPlain(Styles.removeText(id))
      assert.isEmpty(yield* later(Styles.listText()))
    }
  ),

  "a collection of styles is created, changed and deleted": Effect.gen(function* () {
    const first = (yield* Styles.createImage(oil)).id
    const second = (yield* Styles.createImage({ ...oil, name: "ink" })).id
    const { id } = yield* Collections.create({ name: "media", styles: ["oil"] })
    const oils = [{ id: first, name: "owner#1::style::oil" }]
    assert.deepInclude(yield* Collections.get(id), { name: "media", type: "image", public: true, styles: oils })
    yield* Collections.modify(id, { name: "all media", styles: ["oil", "ink"] })
    const both = [...oils, { id: second, name: "owner#1::style::ink" }]
    assert.deepInclude(yield* later(Collections.getByName("all media")), { id, styles: both })
    assert.deepStrictEqual(ids(yield* Collections.list({ type: "image" })), [id])
    yield* Collections.remove(id)
    assert.isEmpty(yield* later(Collections.list()))
  })
}
