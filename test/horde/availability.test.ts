/** What can be requested now: models that workers serve, workers that could take a request, and why a job is impossible. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Status from "effect-horde/Status"
import * as TextGeneration from "effect-horde/TextGeneration"
import * as Workers from "effect-horde/Workers"
import { answering, json } from "../support/scripted.js"
import { stack } from "../support/stack.js"
import { runToEnd } from "../support/virtualTime.js"

const worker = (name: string, details: object = {}) => ({
  id: `id-${name}`,
  name,
  type: "image",
  online: true,
  maintenance_mode: false,
  nsfw: true,
  trusted: true,
  models: ["stable_diffusion"],
  max_pixels: 1024 * 1024,
  img2img: true,
  painting: true,
  "post-processing": true,
  lora: true,
  controlnet: true,
  ...details
})

/** The names of the workers that could take a request. */
const namesFor = (request: Workers.ImageNeeds, workers: ReadonlyArray<object>) =>
  Workers.forImage(request).pipe(
    Effect.map((found) => found.map(({ name }) => name)),
    Effect.provide(answering(json(200, [worker("able"), ...workers])))
  )

describe("Workers.forImage", () => {
  const size = { width: 1024, height: 1024 }

  const cases: ReadonlyArray<readonly [string, Workers.ImageNeeds, object]> = [
    ["is in maintenance", {}, { maintenance_mode: true }],
    ["is paused", {}, { paused: true }],
    ["is offline", {}, { online: false }],
    ["serves another model", { models: ["stable_diffusion"] }, { models: ["Deliberate"] }],
    ["does not serve the default model", {}, { models: ["Deliberate"] }],
    ["draws smaller pictures only", { params: size }, { max_pixels: 1024 * 1023 }],
    ["draws less than the default size", {}, { max_pixels: 512 * 511 }],
    ["takes no source images", { source_image: "aaaa" }, { img2img: false }],
    ["does not paint", { source_image: "aaaa", source_processing: "outpainting" }, { painting: false }],
    ["has no post-processors", { params: { post_processing: ["GFPGAN"] } }, { "post-processing": false }],
    ["has no LoRAs", { params: { loras: [{ name: "a" }] } }, { lora: false }],
    ["has no ControlNet", { params: { control_type: "canny" } }, { controlnet: false }],
    ["refuses what may be unsafe", {}, { nsfw: false }],
    ["is not trusted", { trusted_workers: true }, { trusted: false }],
    ["is not among the workers of the request", { workers: ["able"] }, {}],
    ["is on the blacklist of the request", { workers: ["id-other"], worker_blacklist: true }, {}]
  ]

  for (const [reason, request, details] of cases) {
    it.effect(`leaves out a worker that ${reason}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* namesFor(request, [worker("other", details)]), ["able"])
      })
    )
  }

  it.effect("keeps a worker that lacks what the request does not need", () =>
    Effect.gen(function* () {
      const plain = worker("plain", { img2img: false, painting: false, "post-processing": false, lora: false })
      const modest = worker("modest", { nsfw: false, trusted: false, controlnet: false, models: ["Deliberate"] })
      const request = { nsfw: false, models: [], params: { width: 512, height: 512 } }
      assert.deepStrictEqual(yield* namesFor(request, [plain, modest]), ["able", "plain", "modest"])
    })
  )

  it.effect("finds the worker of the embedded horde, for its models and sizes only", () =>
    Effect.gen(function* () {
      const [model] = yield* Status.available()
      assert.isDefined(model)
      const models = model === undefined ? [] : [model.name]
      assert.isNotEmpty(yield* Workers.forImage({ models }))
      assert.isEmpty(yield* Workers.forImage({ models: ["a model that nobody serves"] }))
    }).pipe(Effect.provide(Workers.layer.pipe(Layer.provideMerge(stack()))))
  )
})

describe("Status.available", () => {
  it.effect("lists the models that workers serve, the shortest wait first", () =>
    Effect.gen(function* () {
      const models = [
        { name: "slow", count: 1, eta: 300 },
        { name: "quick", count: 2, eta: 4 }
      ]
      const served = yield* Status.available().pipe(Effect.provide(answering(json(200, models))))
      assert.deepStrictEqual(
        served.map(({ name }) => name),
        ["quick", "slow"]
      )
    })
  )
})

describe("Status.unserved", () => {
  const nobody = "a model that nobody serves"
  const withoutEnd = { impossibleAfter: "10 seconds" } as const

  it.effect("names the models of an impossible job that no worker serves", () =>
    Effect.gen(function* () {
      const job = ImageGeneration.generate({ prompt: "a quiet bay", models: [nobody] }, withoutEnd)
      const error = yield* runToEnd(Effect.flip(job))
      assert(error instanceof HordeError.JobImpossible)
      assert.deepStrictEqual(error.models, [nobody])
      assert.deepStrictEqual(yield* Status.unserved(error), [nobody])
      const [served] = yield* Status.available()
      assert.isDefined(served)
      const models = [nobody, served?.name ?? ""]
      const { message, method, partial, path, ticket } = error
      const both = new HordeError.JobImpossible({ message, method, partial, path, ticket, models })
      assert.deepStrictEqual(yield* Status.unserved(both), [nobody])
    }).pipe(Effect.provide(stack()))
  )

  it.effect("looks for the models of a text job among the text models", () =>
    Effect.gen(function* () {
      const error = yield* runToEnd(
        Effect.flip(TextGeneration.generate({ prompt: "Once", models: [nobody] }, withoutEnd))
      )
      assert(error instanceof HordeError.JobImpossible)
      assert.isNotEmpty(yield* Status.available("text"))
      assert.deepStrictEqual(yield* Status.unserved(error), [nobody])
    }).pipe(Effect.provide(stack()))
  )
})
