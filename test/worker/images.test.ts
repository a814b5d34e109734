/** A worker that generates images: what it gets, what it delivers, and which of its failures fail one job only. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, MetricState } from "effect"
import type * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Worker from "effect-horde/Worker"
import { png } from "../support/jobServer.js"
import { endpoints, json, server } from "../support/scripted.js"
import { jobs, requests, runToEnd } from "../support/virtualTime.js"
import { agent, beside, picture, recorded, request, workerStack } from "../support/workers.js"

const draw = (input: ImageGeneration.GenerationInputStable, worker: Worker.ImageWorkerOptions) =>
  runToEnd(beside(ImageGeneration.generate(input), Worker.runImage(worker)))

const submits = requests("POST", "/v2/generate/submit")

describe("results of an image worker", () => {
  it.effect("it generates what a client requests, and uploads the picture", () =>
    Effect.gen(function* () {
      const seen: Array<Worker.ImageJob> = []
      const { events, tags, worker } = recorded({
        generate: (job) =>
          Effect.as(
            Effect.sync(() => seen.push(job)),
            picture
          )
      })
      const images = yield* draw(request(), worker)
      assert.deepStrictEqual(
        images.map(({ bytes }) => bytes),
        [picture]
      )
      assert.deepStrictEqual(tags(), ["Popped", "Submitted"])
      assert.deepInclude(events[0], { model: "stable_diffusion", ttl: 150 })
      const submitted = events.find((event) => event._tag === "Submitted")
      assert.isAbove(submitted?.kudos ?? 0, 0)
      assert.lengthOf(yield* requests("PUT"), 1)
      assert.lengthOf(yield* submits, 1)
      assert.lengthOf(seen, 1)
      assert.deepInclude(seen[0], { model: "stable_diffusion", seed: 7 })
      assert.deepInclude(seen[0]?.payload, { prompt: "a lighthouse", width: 64, ddim_steps: 1 })
      assert.notProperty(seen[0], "source_image")
    }).pipe(Effect.provide(workerStack()))
  )

  it.effect("each image of a batch is a job with a seed and an upload of its own", () =>
    Effect.gen(function* () {
      const { events, tags, worker } = recorded({ amount: 3 })
      const images = yield* draw(request(3), worker)
      assert.sameMembers(
        images.map(({ seed }) => seed),
        ["7", "8", "9"]
      )
      assert.deepStrictEqual(tags(), ["Popped", "Submitted", "Submitted", "Submitted"])
      assert(events[0]?._tag === "Popped")
      assert.lengthOf(new Set(events[0].ids), 3)
      assert.lengthOf(yield* requests("PUT"), 3)
    }).pipe(Effect.provide(workerStack()))
  )

  it.effect("source images arrive as bytes", () =>
    Effect.gen(function* () {
      const seen: Array<Worker.ImageJob> = []
      const { worker } = recorded({
        generate: (job) =>
          Effect.as(
            Effect.sync(() => seen.push(job)),
            picture
          )
      })
      yield* draw({ ...request(), source_image: png, source_mask: png, source_processing: "inpainting" }, worker)
      const file = { bytes: picture, mediaType: "image/png" }
      assert.strictEqual(seen[0]?.source_processing, "inpainting")
      assert.deepStrictEqual(Uint8Array.from(seen[0]?.source_image?.bytes ?? []), file.bytes)
      assert.strictEqual(seen[0]?.source_mask?.mediaType, file.mediaType)
    }).pipe(Effect.provide(workerStack()))
  )

  it.effect("a censored image reaches the client as censored, with the worker's seed and metadata", () =>
    Effect.gen(function* () {
      const metadata = [{ type: "lora", value: "download_failed", ref: "12" }] as const
      const { worker } = recorded({
        generate: () => Effect.succeed({ bytes: picture, seed: 11, censored: "nsfw", metadata })
      })
      const [image] = yield* draw(request(), worker)
      assert.strictEqual(image?.censored, true)
      assert.strictEqual(image?.seed, "11")
      assert.deepStrictEqual(
        image?.metadata.map(({ type, value }) => `${type} ${value}`),
        ["lora download_failed", "censorship nsfw"]
      )
    }).pipe(Effect.provide(workerStack()))
  )

  const popped = {
    id: "00000000-0000-4000-8000-000000000001",
    ids: ["00000000-0000-4000-8000-000000000001"],
    model: "stable_diffusion",
    ttl: 60,
    payload: { prompt: "a lighthouse", seed: "7" },
    skipped: {}
  }

  /** Runs a worker on a scripted server that has one job, and returns the bodies of its submits. */
  const submitted = (job: object, worker: Worker.ImageWorkerOptions, options: HordeClient.Options = {}) =>
    Effect.gen(function* () {
      const script = server(({ method, url }, index) => {
        if (url.pathname.endsWith("/pop")) return json(200, index === 0 ? job : { id: null, ids: [], skipped: {} })
        return method === "PUT" ? { status: 200 } : json(200, { reward: 3 })
      })
      const work = Worker.runImage({ ...worker, stop: Effect.sleep("30 seconds") })
      yield* runToEnd(work).pipe(Effect.provide(endpoints(options).pipe(Layer.provideMerge(script.layer))))
      return {
        submits: script.sent.flatMap(({ body, url }) =>
          url.pathname.endsWith("/submit") ? [JSON.parse(body ?? "")] : []
        ),
        uploads: script.sent.filter(({ method }) => method === "PUT")
      }
    })

  it.effect("without an upload link the picture is in the submit, as base64", () =>
    Effect.gen(function* () {
      const { submits } = yield* submitted(popped, recorded().worker)
      assert.deepStrictEqual(submits, [{ id: popped.id, generation: png, seed: 7 }])
    })
  )

  it.effect("a ttl that is no time does not end the worker", () =>
    Effect.gen(function* () {
      for (const ttl of [1e300, null]) {
        assert.lengthOf((yield* submitted({ ...popped, ttl }, recorded().worker)).submits, 1)
      }
      const { events, worker } = recorded()
      yield* submitted({ ...popped, ttl: -1 }, worker)
      assert.deepInclude(
        events.find(({ _tag }) => _tag === "Faulted"),
        { reason: "TimedOut" }
      )
    })
  )

  it.effect("an upload has neither the API key nor another host than https", () =>
    Effect.gen(function* () {
      const link = "https://store.example.invalid/uploads/1?signature=2"
      const { submits, uploads } = yield* submitted({ ...popped, r2_upload: link }, recorded().worker)
      assert.deepStrictEqual(submits, [{ id: popped.id, generation: "R2", seed: 7 }])
      assert.lengthOf(uploads, 1)
      assert.strictEqual(uploads[0]?.url.href, link)
      assert.strictEqual(uploads[0]?.headers["content-type"], "image/png")
      assert.notProperty(uploads[0]?.headers, "apikey")
      assert.notProperty(uploads[0]?.headers, "client-agent")

      const { events, worker } = recorded()
      const insecure = yield* submitted(
        { ...popped, r2_upload: "http://store.example.invalid/1" },
        { ...worker },
        { baseUrl: "https://horde.example.invalid/api" }
      )
      assert.lengthOf(insecure.uploads, 0)
      assert.deepInclude(
        events.find(({ _tag }) => _tag === "Faulted"),
        { reason: "Upload" }
      )
      assert.deepStrictEqual(insecure.submits, [{ id: popped.id, generation: "faulted", state: "faulted", seed: 0 }])
    })
  )
})

describe("failures of an image worker", () => {
  const truncated = picture.slice(0, -8)
  const generators: ReadonlyArray<readonly [string, Worker.FaultReason, Worker.ImageWorkerOptions["generate"]]> = [
    ["fails", "Failed", () => Effect.fail("out of memory")],
    ["dies", "Failed", () => Effect.die(new Error("a defect"))],
    [
      "throws",
      "Failed",
      () => {
        throw new Error("a defect")
      }
    ],
    ["interrupts itself", "Failed", () => Effect.interrupt],
    ["hangs", "TimedOut", () => Effect.never],
    ["returns a text", "InvalidResult", () => Effect.succeed(new TextEncoder().encode("not a picture"))],
    ["returns a truncated picture", "InvalidResult", () => Effect.succeed(truncated)]
  ]

  for (const [title, reason, generate] of generators) {
    it.effect(`a generator that ${title} fails its job only`, () =>
      Effect.gen(function* () {
        let calls = 0
        const { events, tags, worker } = recorded({
          generate: (job) => (calls++ === 0 ? generate(job) : Effect.succeed(picture))
        })
        const images = yield* draw(request(), worker)
        assert.lengthOf(images, 1)
        assert.deepStrictEqual(tags(), ["Popped", "Faulted", "Popped", "Submitted"])
        const faulted = events.find(({ _tag }) => _tag === "Faulted")
        assert.deepInclude(faulted, { reason })
        assert.strictEqual(faulted !== undefined && "cause" in faulted, reason === "Failed")
        const [job] = yield* jobs
        assert.deepInclude(job, { finished: 1, restarted: 1, state: "finished" })
        // the job that hung had ended on the server too
        assert.lengthOf(yield* submits, 2)
      }).pipe(Effect.provide(workerStack()))
    )
  }

  it.effect("an upload that fails for good faults the job, and one that fails for a moment is repeated", () =>
    Effect.gen(function* () {
      let uploads = 0
      const script = server(({ method, url }, index) => {
        if (method === "PUT") return { status: [503, 200, 403][uploads++] ?? 200 }
        if (!url.pathname.endsWith("/pop")) return json(200, { reward: 3 })
        const id = `00000000-0000-4000-8000-00000000000${index}`
        if (index > 4) return json(200, { id: null, ids: [], skipped: {} })
        return json(200, { id, ids: [id], ttl: 60, payload: {}, r2_upload: "https://store.example.invalid/1" })
      })
      const { events, worker } = recorded({ stop: Effect.sleep("1 minute"), bridge_agent: agent })
      yield* runToEnd(Worker.runImage(worker)).pipe(Effect.provide(endpoints().pipe(Layer.provideMerge(script.layer))))
      const ends = events.flatMap((event) =>
        event._tag === "Submitted" ? ["Submitted"] : event._tag === "Faulted" ? [event.reason] : []
      )
      assert.deepStrictEqual(ends, ["Submitted", "Upload"])
      assert.strictEqual(uploads, 3)
    })
  )
})

describe("metrics of a worker", () => {
  it.effect("count jobs and kudos by kind", () =>
    Effect.gen(function* () {
      const count = (name: string) =>
        Effect.map(Metric.snapshot, (pairs) =>
          pairs
            .filter(({ metricKey }) => metricKey.name === name)
            .filter(({ metricKey }) => metricKey.tags.some(({ key, value }) => key === "kind" && value === "image"))
            .reduce(
              (sum, { metricState }) => sum + (MetricState.isCounterState(metricState) ? Number(metricState.count) : 0),
              0
            )
        )
      const all = Effect.all([
        count("horde_worker_jobs_done_total"),
        count("horde_worker_jobs_failed_total"),
        count("horde_worker_kudos_total")
      ])
      let calls = 0
      const { events, worker } = recorded({
        generate: () => (calls++ === 0 ? Effect.fail("once") : Effect.succeed(picture))
      })
      const before = yield* all
      yield* draw(request(2), worker)
      const after = yield* all
      const kudos = events.reduce((sum, event) => sum + (event._tag === "Submitted" ? (event.kudos ?? 0) : 0), 0)
      assert.strictEqual(after[0] - before[0], 2)
      assert.strictEqual(after[1] - before[1], 1)
      assert.approximately(after[2] - before[2], kudos, 0.001)
      assert.isAbove(kudos, 0)
    }).pipe(Effect.provide(workerStack()))
  )
})
