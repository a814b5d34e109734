/** The built-in worker for alchemy: its results are computed from the source image. */

import { assert, describe, it } from "@effect/vitest"
import { Accounts, Faults, HordeServer } from "@effect-horde/server"
import { createCanvas, loadImage } from "@napi-rs/canvas"
import { Effect, TestClock } from "effect"
import { call } from "./raw.js"

const embedded = (options: HordeServer.Options = {}) => Effect.provide(HordeServer.layerClient({ seed: 1, ...options }))

/** A picture with an upper and a lower half of one colour each. */
const halves = (top: string, bottom: string, side = 32) => {
  const canvas = createCanvas(side, side)
  const context = canvas.getContext("2d")
  context.fillStyle = top
  context.fillRect(0, 0, side, side)
  context.fillStyle = bottom
  context.fillRect(0, side / 2, side, side / 2)
  return canvas.encodeSync("png").toString("base64")
}

const submit = (source_image: string, ...names: ReadonlyArray<string>) =>
  Effect.map(
    call("POST", "/v2/interrogate/async", {
      key: Accounts.plainKey,
      body: { source_image, forms: names.map((name) => ({ name })) }
    }),
    ({ body }) => body["id"] as string
  )

const status = (id: string) => Effect.map(call("GET", `/v2/interrogate/status/${id}`), ({ body }) => body)

/** The results of a job after some time, by the names of its forms. */
const results = (source: string, ...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const id = yield* submit(source, ...names)
    yield* TestClock.adjust("1 minute")
    const { forms } = yield* status(id)
    return Object.assign({}, ...forms.map(({ result }: any) => result)) as Readonly<Record<string, any>>
  })

const states = (body: Readonly<Record<string, any>>) =>
  Object.fromEntries(body["forms"].map(({ form, state }: any) => [form, state]))

describe("the built-in worker for alchemy", () => {
  it.effect("describes the colours of a picture", () =>
    Effect.gen(function* () {
      const found = yield* results(halves("#0000ff", "#00c000"), "caption", "palette", "interrogation", "describe")
      assert.strictEqual(found["caption"], "a dark scene, blue at the top and green at the bottom")
      assert.sameMembers(found["palette"], ["#0000ff", "#00c000"])
      assert.sameDeepMembers(found["interrogation"].tags, [
        { text: "blue", confidence: 0.5 },
        { text: "green", confidence: 0.5 }
      ])
      assert.include(found["describe"], "32 × 32 pixels")
      const other = yield* results(halves("white", "white"), "caption", "palette")
      assert.strictEqual(other["caption"], "a bright white scene")
      assert.deepStrictEqual(other["palette"], ["#ffffff"])
    }).pipe(embedded())
  )

  it.effect("the caption of a picture of the built-in painter is the painter's own description", () =>
    Effect.gen(function* () {
      const draw = (prompt: string, seed: string) =>
        Effect.gen(function* () {
          const params = { seed, width: 128, height: 64, steps: 1 }
          const { body } = yield* call("POST", "/v2/generate/async", {
            key: Accounts.plainKey,
            body: { prompt, r2: false, params }
          })
          yield* TestClock.adjust("5 seconds")
          const { body: done } = yield* call("GET", `/v2/generate/status/${body["id"]}`)
          return done["generations"][0].img as string
        })
      const one = yield* draw("a bay", "1")
      const { caption, describe } = yield* results(one, "caption", "describe")
      assert.match(caption, /^a landscape with [456] ridges under a \w+ sky, the sun (on the|in the) \w+$/)
      assert.isTrue(describe.startsWith(`${caption}; 128 × 64 pixels`))
      const captions = yield* Effect.forEach(["2", "3", "4", "5"], (seed) =>
        Effect.flatMap(draw("a hill", seed), (picture) => results(picture, "caption"))
      )
      assert.isAbove(new Set(captions.map(({ caption }) => caption)).size, 1)
      // any other picture with the same pixels is described by them
      const image = yield* Effect.promise(() => loadImage(Buffer.from(one, "base64")))
      assert.deepStrictEqual([image.width, image.height], [128, 64])
      const canvas = createCanvas(128, 64)
      canvas.getContext("2d").drawImage(image, 0, 0)
      assert.isAbove(Math.max(...canvas.getContext("2d").getImageData(64, 32, 1, 1).data.slice(0, 3)), 0)
      const copy = yield* results(canvas.encodeSync("webp").toString("base64"), "caption")
      assert.match(copy["caption"], /^a (dark|soft|bright) .*scene/)
    }).pipe(embedded())
  )

  it.effect("names colours in plain English", () =>
    Effect.gen(function* () {
      const colors = {
        "#000000": "black",
        "#808080": "grey",
        "#ff0000": "red",
        "#ff8800": "orange",
        "#ffee00": "yellow",
        "#00ffff": "cyan",
        "#8000ff": "purple",
        "#ff40c0": "pink",
        "#ff0010": "red"
      }
      for (const [color, name] of Object.entries(colors)) {
        const { caption } = yield* results(halves(color, color), "caption")
        assert.match(caption, new RegExp(`^a (dark|soft|bright) ${name} scene$`), color)
      }
    }).pipe(embedded())
  )

  it.effect("a colourful picture has a higher score than a grey one", () =>
    Effect.gen(function* () {
      const colourful = yield* results(halves("#ff0000", "#0000ff"), "aesthetic")
      const grey = yield* results(halves("#404040", "#c0c0c0"), "aesthetic")
      assert.isAtMost(colourful["aesthetic"], 10)
      assert.isAbove(colourful["aesthetic"], 5)
      assert.strictEqual(grey["aesthetic"], 0)
    }).pipe(embedded())
  )

  it.effect("the same picture has the same results, and a link to each result opens a picture", () =>
    Effect.gen(function* () {
      const names = ["vectorize", "annotation", "caption", "aesthetic"]
      const picture = halves("red", "blue")
      assert.deepStrictEqual(yield* results(picture, ...names), yield* results(picture, ...names))
      const { strip_background: link } = yield* results(picture, "strip_background")
      const { headers, status, text } = yield* call("GET", link)
      assert.deepStrictEqual([status, headers["content-type"], text.slice(0, 4)], [200, "image/webp", "RIFF"])
    }).pipe(embedded())
  )

  it.effect("a source image that cannot be opened, and a result that would be too large, fail", () =>
    Effect.gen(function* () {
      for (const source of [
        "https://example.com/a.webp",
        "http://127.0.0.1/objects/unknown.webp?expires=1&signature=2",
        Buffer.from("RIFFxxxxWEBPnothing").toString("base64")
      ]) {
        const id = yield* submit(source, "caption", "GFPGAN")
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(states(yield* status(id)), { caption: "faulted", GFPGAN: "faulted" }, source)
      }
      const large = yield* submit(halves("red", "blue", 2048), "RealESRGAN_x4plus", "RealESRGAN_x2plus")
      yield* TestClock.adjust("1 minute")
      const ended = { RealESRGAN_x4plus: "faulted", RealESRGAN_x2plus: "done" }
      assert.deepStrictEqual(states(yield* status(large)), ended)
    }).pipe(embedded())
  )

  it.effect("takes one form at a time, for as long as its option says, and fails on demand", () =>
    Effect.gen(function* () {
      const server = yield* HordeServer.HordeServer
      yield* server.faults.script(Faults.failAttempts(1))
      const id = yield* submit(halves("red", "red"), "caption", "nsfw")
      yield* TestClock.adjust("12 seconds")
      assert.deepStrictEqual(states(yield* status(id)), { caption: "waiting", nsfw: "processing" })
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(states(yield* status(id)), { caption: "processing", nsfw: "done" })
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(states(yield* status(id)), { caption: "done", nsfw: "done" })
    }).pipe(embedded({ alchemyWorker: { takes: "10 seconds" } }))
  )

  for (const [name, options, isDone] of [
    ["is on by default", {}, true],
    ["is on beside configured image workers", { worker: { takesJobs: false } }, true],
    ["is off without any built-in worker", { worker: false }, false],
    ["can be off alone", { alchemyWorker: false }, false],
    ["can be on alone", { worker: false, alchemyWorker: { name: "lens" } }, true]
  ] as const) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const id = yield* submit(halves("red", "red"), "caption")
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* status(id))["state"], isDone ? "done" : "waiting")
      }).pipe(embedded(options))
    )
  }
})
