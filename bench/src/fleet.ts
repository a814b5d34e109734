/**
 * The processor time of a job from its submit to its bytes, with 1,000 jobs in one process, against loops that an
 * application would write without the library: they send the same requests, with the same pauses between them.
 */
import { setTimeout as sleep } from "node:timers/promises"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as pacing from "effect-horde/internal/jobs/pollInterval"
import * as Job from "effect-horde/Job"
import * as JobWatcher from "effect-horde/JobWatcher"
import { median, type Row, ratios, rounds, spread, table, timed, valuesOf, verdict } from "./rounds.js"
import { serveJobs } from "./servers.js"
import { apiKey, stack } from "./stack.js"

const jobs = 1000
const polls = 10
/** Milliseconds between the starts of two jobs. */
const apart = 2

const server = await serveJobs({ endsAtCheck: polls })
const runtime = ManagedRuntime.make(
  Layer.mergeAll(
    stack({ url: server.url, http: NodeHttpClient.layerUndici }),
    // the default budget would make 1,000 jobs last for minutes
    JobWatcher.layerWith({ pollsPerSecond: 1000 }),
    NodeHttpClient.layerUndici
  )
)

const input = { prompt: "a lighthouse at dusk", params: { steps: 20, width: 512, height: 512 } }
const headers = { accept: "application/json", "client-agent": "bench:1:none", apikey: apiKey }

/** The pauses of effect-horde before the polls of a job, for the loops. */
const pauses = (): ReadonlyArray<number> => {
  const check = { finished: 0, processing: 1, waiting: 0, wait_time: 3, queue_position: 0 }
  const all = [pacing.start.delay]
  for (let pace = pacing.start; all.length < polls; all.push(pace.delay)) {
    pace = pacing.next(pace, { check, elapsed: pace.delay, awaited: "end", random: Math.random() })
  }
  return all
}

type RunJob = (pauses: ReadonlyArray<number>) => Promise<Uint8Array | undefined>

const withHorde: RunJob = () =>
  runtime.runPromise(Effect.map(ImageGeneration.generate(input), ([picture]) => picture?.bytes))

const decodeSubmitted = HttpClientResponse.schemaBodyJson(ImageGeneration.RequestAsyncStable)
const decodeCheck = HttpClientResponse.schemaBodyJson(Job.RequestStatusCheck)
const decodeStatus = HttpClientResponse.schemaBodyJson(ImageGeneration.RequestStatusStable)

const withPlatform: RunJob = (pauses) =>
  runtime.runPromise(
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const submit = HttpClientRequest.post(`${server.url}/v2/generate/async`, { headers })
      const { id } = yield* Effect.flatMap(
        client.execute(HttpClientRequest.bodyUnsafeJson(submit, input)),
        decodeSubmitted
      )
      for (const pause of pauses) {
        yield* Effect.sleep(pause)
        const check = client.get(`${server.url}/v2/generate/check/${id}`, { headers })
        if ((yield* Effect.flatMap(check, decodeCheck)).done) break
      }
      const status = client.get(`${server.url}/v2/generate/status/${id}`, { headers })
      const [generation] = (yield* Effect.flatMap(status, decodeStatus)).generations
      return generation && Buffer.from(generation.img, "base64")
    })
  )

const withFetch: RunJob = async (pauses) => {
  const json = async (path: string, init?: RequestInit) =>
    (await fetch(`${server.url}/v2/generate/${path}`, { headers, ...init })).json()
  const { id } = await json("async", {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(input)
  })
  for (const pause of pauses) {
    await sleep(pause)
    if ((await json(`check/${id}`)).done) break
  }
  const { generations } = await json(`status/${id}`)
  return Buffer.from(generations[0].img, "base64")
}

const rowOf = (name: string, runJob: RunJob): Row => ({
  name,
  run: async () => {
    const paces = Array.from({ length: jobs }, pauses)
    await server.report()
    const sample = await timed(jobs, () =>
      Promise.all(
        paces.map(async (pauses, n) => {
          await sleep(n * apart)
          const bytes = await runJob(pauses)
          if (bytes?.length !== 30_000) throw new Error(`${name} got no picture`)
        })
      )
    )
    const { checks, fetches, submits } = await server.report()
    return { ...sample, checks: checks / jobs, fetches: fetches / jobs, submits: submits / jobs }
  }
})

const oursName = "ImageGeneration.generate"
const platformName = "loop on HttpClient + Schema (undici)"
const fetchName = "loop on fetch"

// for a profile of one row
const only = process.env.BENCH_ONLY
const rows = [rowOf(oursName, withHorde), rowOf(platformName, withPlatform), rowOf(fetchName, withFetch)].filter(
  ({ name }) => only === undefined || name === only
)

const samples = await rounds(rows, { count: 3, collect: true })
const mean = (name: string, metric: string) =>
  (valuesOf(samples, name, metric).reduce((sum, value) => sum + value, 0) / valuesOf(samples, name, metric).length)
    .toFixed(2)
    .replace(/\.?0+$/, "")
table(
  ["1,000 jobs", "CPU us a job", "x loop on HttpClient", "x loop on fetch", "submits + checks + fetches a job", "s"],
  rows.map(({ name }) => [
    name,
    median(valuesOf(samples, name, "cpu")).toFixed(0),
    spread(ratios(samples, name, platformName, "cpu")),
    spread(ratios(samples, name, fetchName, "cpu")),
    ["submits", "checks", "fetches"].map((metric) => mean(name, metric)).join(" + "),
    ((median(valuesOf(samples, name, "time")) * jobs) / 1e6).toFixed(0)
  ])
)
if (only === undefined) {
  for (const [base, most, label] of [
    [platformName, 1.5, "the platform loop"],
    [fetchName, 2, "the fetch loop"]
  ] as const) {
    const found = median(ratios(samples, oursName, base, "cpu"))
    verdict(found <= most, `at most ${most} x ${label}`, `${found.toFixed(2)} x`)
  }
}

await runtime.dispose()
server.close()
