/**
 * The heap per job that waits in `ImageGeneration.generate`, without sockets: the slope from 1,000 to 10,000 jobs, next to
 * a fiber that waits on a `Deferred` in a scope with one finalizer.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobQuota from "effect-horde/JobQuota"
import * as Retry from "effect-horde/Retry"
import { table, verdict } from "./rounds.js"
import { stack } from "./stack.js"

let submits = 0
const waiting = { finished: 0, processing: 0, waiting: 1, done: false, wait_time: 1000, queue_position: 1 }

/** A server that accepts each job, and never finishes one. */
const inMemory = HttpClient.make((request) =>
  Effect.sync(() => {
    const body = request.method === "POST" ? { id: `job-${submits++}`, kudos: 1 } : { ...waiting, generations: [] }
    return HttpClientResponse.fromWeb(request, Response.json(body, { status: request.method === "POST" ? 202 : 200 }))
  })
)

const horde = stack({
  url: "http://127.0.0.1/api",
  http: Layer.succeed(HttpClient.HttpClient, inMemory),
  quota: JobQuota.layerNone,
  retry: Retry.layerNone
})

/** The heap after several collections, with pauses for pending promises and finalizers. */
const heap = Effect.gen(function* () {
  for (let n = 0; n < 3; n++) {
    yield* Effect.sync(() => globalThis.gc?.())
    yield* Effect.sleep(20)
  }
  return yield* Effect.sync(() => process.memoryUsage().heapUsed)
})

const job = ImageGeneration.generate(
  { prompt: "a lighthouse at dusk", params: { steps: 1, width: 64, height: 64 } },
  { impossibleAfter: Number.POSITIVE_INFINITY }
)

const deferred = Effect.scoped(
  Effect.gen(function* () {
    yield* Effect.addFinalizer(() => Effect.void)
    return yield* Deferred.await(yield* Deferred.make<void>())
  })
)

const [few, many] = [1000, 10_000]

/** KiB for each further fiber of an effect that waits. */
const slope = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const fibers: Array<Fiber.RuntimeFiber<unknown, E>> = []
    const start = (count: number) =>
      Effect.gen(function* () {
        for (let n = 0; n < count; n++) {
          fibers.push(yield* Effect.forkDaemon(effect))
          if (n % 100 === 0) yield* Effect.sleep(1)
        }
        yield* Effect.sleep("2 seconds")
        return yield* heap
      })
    const before = yield* start(few)
    const after = yield* start(many - few)
    yield* Fiber.interruptAll(fibers)
    return (after - before) / (many - few) / 1024
  })

const [baseline, generate] = await Effect.runPromise(Effect.provide(Effect.all([slope(deferred), slope(job)]), horde))

table(
  ["KiB per waiting fiber, from 1,000 to 10,000", ""],
  [
    ["Deferred in a scope with a finalizer", baseline.toFixed(1)],
    ["ImageGeneration.generate", generate.toFixed(1)]
  ]
)
const above = generate - baseline
verdict(above <= 6, "at most 6 KiB above the fiber on a Deferred", `${above.toFixed(1)} KiB`)
process.exit()
