/** The heap per job that a program waits for: the slope from 200 to 1,000 jobs. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Accounts } from "@effect-horde/server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { spread, table } from "./rounds.js"
import { serve } from "./servers.js"

const horde = (baseUrl: string) =>
  ImageGeneration.layer.pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provideMerge(HordeClient.layer({ baseUrl, apiKey: Redacted.make(Accounts.ownerKey) })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layer, RateLimit.layerWith({ limits: () => [] }), Retry.layer()]),
    Layer.provide(NodeHttpClient.layerUndici)
  )

/** The heap after several collections, with pauses for pending promises and finalisers. */
const heap = Effect.gen(function* () {
  for (let n = 0; n < 3; n++) {
    yield* Effect.sync(() => globalThis.gc?.())
    yield* Effect.sleep(20)
  }
  return yield* Effect.sync(() => process.memoryUsage().heapUsed)
})

// The pictures are never drawn: every job is polled again and again, and sleeps in between.
const job = (waiting: Deferred.Deferred<void>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { detach, result } = yield* ImageGeneration.submit(
        { prompt: "a lighthouse at dusk", params: { steps: 1, width: 64, height: 64 } },
        { impossibleAfter: Number.POSITIVE_INFINITY }
      )
      yield* detach // so that the end of the program sends no thousand cancels
      yield* Effect.zipRight(Deferred.succeed(waiting, undefined), result)
    })
  )

const start = (jobs: number) =>
  Effect.forEach(
    Array(jobs),
    () =>
      Effect.gen(function* () {
        const waiting = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(job(waiting))
        yield* Effect.raceFirst(Deferred.await(waiting), fiber)
        return fiber
      }),
    { concurrency: 16 }
  )

// one growing series, since a separate round for each slope would take minutes: the server needs most of the time
const sizes = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]

const server = await serve("horde")
const heaps = await Effect.runPromise(
  Effect.gen(function* () {
    const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
    const found: Array<number> = []
    for (const size of sizes) {
      fibers.push(...(yield* start(size - fibers.length)))
      found.push(yield* heap)
    }
    yield* Effect.forEach(fibers, Fiber.interruptFork, { discard: true })
    return found
  }).pipe(Effect.provide(horde(server.url)))
)
const at = (size: number) => heaps[sizes.indexOf(size)] ?? Number.NaN
const steps = heaps.slice(1).map((bytes, step) => (bytes - (heaps[step] ?? 0)) / 100_000)
table(
  ["kB a job that is being waited for", ""],
  [
    ["from 200 to 1,000 jobs", ((at(1000) - at(200)) / 800_000).toFixed(1)],
    ["each hundred from 100 to 1,000", spread(steps, 1)]
  ]
)
server.close()
