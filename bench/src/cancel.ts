/**
 * Interruptions of jobs: the time from one to its DELETE at the server, the processor time of 1,000 at once, and the
 * jobs that are left after 10,000 at once.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { FollowUp } from "effect-horde/FollowUp"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobWatcher from "effect-horde/JobWatcher"
import * as undici from "undici"
import { median, quantile, ratios, rounds, sorted, spread, table, timed, valuesOf, verdict } from "./rounds.js"
import { serveJobs } from "./servers.js"
import { stack } from "./stack.js"

const input = { prompt: "a lighthouse at dusk", params: { steps: 1 } }

/** The time to the DELETE of one interruption. */
const latency = async () => {
  const server = await serveJobs({ announcesDeletes: true })
  const runtime = ManagedRuntime.make(stack({ url: server.url, http: NodeHttpClient.layerUndici }))

  /** The arrival time of the next DELETE, by the clock that both processes share. */
  const arrival = (): Promise<bigint> =>
    new Promise((resolve) => server.process.once("message", ({ at }: { readonly at: string }) => resolve(BigInt(at))))

  const milliseconds = (from: bigint, to: bigint) => Number(to - from) / 1e6

  /** Interrupts a program that waits for a picture. */
  const interrupted = async () => {
    let submitted = () => {}
    const isSubmitted = new Promise<void>((resolve) => {
      submitted = resolve
    })
    const fiber = runtime.runFork(Stream.runForEach(ImageGeneration.progress(input), () => Effect.sync(submitted)))
    await isSubmitted
    const seen = arrival()
    const at = process.hrtime.bigint()
    const ended = runtime.runPromise(Fiber.interrupt(fiber))
    const took = milliseconds(at, await seen)
    await ended
    return took
  }

  const bare = async () => {
    const seen = arrival()
    const at = process.hrtime.bigint()
    const { body } = await undici.request(`${server.url}/v2/generate/status/00000000-0000-4000-8000-000000000000`, {
      method: "DELETE"
    })
    await body.dump()
    return milliseconds(at, await seen)
  }

  const cancels: Array<number> = []
  const deletes: Array<number> = []
  const warmUp = 20
  for (let n = -warmUp; n < 200; n++) {
    // alternating in random order, so that both run under the same load
    const both = [async () => void cancels.push(await interrupted()), async () => void deletes.push(await bare())]
    if (Math.random() < 0.5) both.reverse()
    for (const one of both) await one()
    if (n === -1) for (const values of [cancels, deletes]) values.length = 0
  }

  table(
    ["200 of each, ms", "p50", "p95", "least", "most"],
    (
      [
        ["interrupt to DELETE", cancels],
        ["undici.request DELETE", deletes]
      ] as const
    ).map(([name, values]) => [
      name,
      ...[quantile(values, 0.5), quantile(values, 0.95), sorted(values)[0] ?? 0, sorted(values).at(-1) ?? 0].map(
        (value) => value.toFixed(1)
      )
    ])
  )
  await runtime.dispose()
  server.close()
}

/** Starts so many jobs, and waits until all are submitted. */
const startJobs = (count: number) =>
  Effect.gen(function* () {
    const fibers: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
    for (let n = 0; n < count; n++) {
      fibers.push(yield* Effect.forkDaemon(ImageGeneration.generate(input)))
      if (n % 100 === 99) yield* Effect.sleep(20)
    }
    const { unfinished } = yield* FollowUp
    while ((yield* unfinished).length < count) yield* Effect.sleep(50)
    return fibers
  })

/** The processor time of 1,000 at once. */
const processorTime = async () => {
  const jobs = 1000
  const server = await serveJobs({ endsBetween: [1000, 1000] })
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(
      stack({ url: server.url, http: NodeHttpClient.layerUndici }),
      // no poll is sent during an interruption: the first ones are over, and the next ones are not due
      JobWatcher.layerWith({ pollsPerSecond: 1000 }),
      NodeHttpClient.layerUndici
    )
  )

  const waitingJobs = Effect.zipLeft(startJobs(jobs), Effect.sleep("3 seconds"))

  const interruptions = async () => {
    const fibers = await runtime.runPromise(waitingJobs)
    globalThis.gc?.()
    const sample = await timed(jobs, () => runtime.runPromise(Fiber.interruptAll(fibers)))
    return { ...sample, deletes: (await server.report()).deletes.length }
  }

  /** The same jobs, so that as many connections are open. */
  const deletes = async () => {
    const fibers = await runtime.runPromise(waitingJobs)
    const unfinished = await runtime.runPromise(Effect.flatMap(FollowUp, ({ unfinished }) => unfinished))
    const client = await runtime.runPromise(HttpClient.HttpClient)
    globalThis.gc?.()
    const sample = await timed(jobs, () =>
      runtime.runPromise(
        Effect.forEach(
          unfinished,
          ({ id }) => {
            const request = HttpClientRequest.del(`${server.url}/v2/generate/status/${Redacted.value(id)}`)
            return Effect.flatMap(client.execute(request), ({ json }) => json)
          },
          { concurrency: "unbounded", discard: true }
        )
      )
    )
    const found = (await server.report()).deletes.length
    await runtime.runPromise(Fiber.interruptAll(fibers))
    await server.report()
    return { ...sample, deletes: found }
  }

  const oursName = "interruptions of generate"
  const platformName = "DELETEs by HttpClient (undici)"
  const only = process.env.BENCH_ONLY
  const rows = [
    { name: oursName, run: interruptions },
    { name: platformName, run: deletes }
  ].filter(({ name }) => only === undefined || name === only)
  const samples = await rounds(rows, { count: 7 })
  console.log()
  table(
    ["1,000 at once", "CPU us each", "x DELETE", "us each", "DELETEs at the server"],
    rows.map(({ name }) => [
      name,
      median(valuesOf(samples, name, "cpu")).toFixed(0),
      spread(ratios(samples, name, platformName, "cpu")),
      median(valuesOf(samples, name, "time")).toFixed(0),
      spread(valuesOf(samples, name, "deletes"), 0)
    ])
  )
  if (only === undefined) {
    const found = median(ratios(samples, oursName, platformName, "cpu"))
    verdict(found <= 1.5, "at most 1.5 x a DELETE by the platform's client", `${found.toFixed(2)} x`)
  }
  await runtime.dispose()
  server.close()
}

/** What 10,000 at once, and then the end of the layer, leave behind. */
const drain = async () => {
  const jobs = 10_000
  const server = await serveJobs({ endsBetween: [1000, 1000] })
  const warnings: Array<string> = []
  const logger = Logger.make(({ message }) => void warnings.push(String(message)))
  const journal = await Effect.runPromise(JobJournal.makeMemory)
  const horde = stack({
    url: server.url,
    http: NodeHttpClient.layerUndici,
    journal: Layer.succeed(JobJournal.JobJournal, journal)
  })
  const program = Effect.gen(function* () {
    const fibers = yield* startJobs(jobs)
    const at = performance.now()
    yield* Fiber.interruptAll(fibers)
    return at
  })
  const interruptedAt = await Effect.runPromise(
    program.pipe(Effect.provide(horde), Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  )
  const took = (performance.now() - interruptedAt) / 1000
  const entries = await Effect.runPromise(journal.entries)
  const deleted = new Map((await server.report()).deletes)
  const idOf = ({ id }: JobJournal.Entry) => (id === undefined ? "" : Redacted.value(id))
  const left = entries.filter(JobJournal.isOpen)
  const lost = entries.filter((entry) => !JobJournal.isOpen(entry) && !deleted.has(idOf(entry)))
  const kinds = new Map<string, number>()
  for (const warning of warnings) {
    const kind = warning.replace(/^\d+ /, "").slice(0, 60)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  console.log()
  table(
    ["10,000 at once", ""],
    [
      ["jobs in the journal", String(entries.length)],
      ["with a DELETE at the server", String(deleted.size)],
      ["DELETEs for one job, most", String(Math.max(...deleted.values()))],
      ["left open in the journal", String(left.length)],
      ["of them with a DELETE at the server", String(left.filter((entry) => deleted.has(idOf(entry))).length)],
      ["closed without a DELETE", String(lost.length)],
      ["until the layer had closed, s", took.toFixed(1)],
      ...[...kinds].map(([kind, count]) => [`"${kind}"`, String(count)])
    ]
  )
  verdict(lost.length === 0 && entries.length === jobs, "each job is cancelled or left open", `${lost.length} lost`)
  server.close()
}

const parts = { latency, processorTime, drain }
for (const [name, part] of Object.entries(parts)) {
  if (process.env.BENCH_PART === undefined || process.env.BENCH_PART === name) await part()
}
