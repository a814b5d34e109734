/** One `ImageGeneration.Check` through the whole stack, against what an application would write without it. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as RateLimit from "effect-horde/RateLimit"
import * as undici from "undici"
import { median, type Row, ratios, rounds, type Samples, spread, table, timed, valuesOf, verdict } from "./rounds.js"
import { serve } from "./servers.js"
import { stack } from "./stack.js"

const server = await serve()
const id = Job.GenerationRequestId.make("00000000-0000-4000-8000-000000000001")
const address = `${server.url}/v2/generate/check/${id}`

const rateLimit = RateLimit.layerWith({ limits: () => [] })
const horde = <E>(http: Layer.Layer<HttpClient.HttpClient, E>) => stack({ url: server.url, http, rateLimit })

const api = HttpApi.make("horde").add(
  HttpApiGroup.make("generate").add(
    HttpApiEndpoint.get("check", "/v2/generate/check/:id")
      .setPath(Schema.Struct({ id: Job.GenerationRequestId }))
      .addSuccess(Job.RequestStatusCheck)
  )
)

const onUndici = ManagedRuntime.make(Layer.merge(horde(NodeHttpClient.layerUndici), NodeHttpClient.layerUndici))
const onFetch = ManagedRuntime.make(horde(FetchHttpClient.layer))

const ours = await onUndici.runPromise(ImageGeneration.Check)
const oursOnFetch = await onFetch.runPromise(ImageGeneration.Check)
const platform = await onUndici.runPromise(HttpClient.HttpClient)
const derived = await onUndici.runPromise(HttpApiClient.make(api, { baseUrl: server.url }))

const decode = HttpClientResponse.schemaBodyJson(Job.RequestStatusCheck)

/** So many calls, never more than `inFlight` at once. */
type Calls = (calls: number, inFlight: number) => Promise<unknown>

const promises =
  (call: () => Promise<unknown>): Calls =>
  (calls, inFlight) => {
    let left = calls
    const lane = async () => {
      while (left-- > 0) await call()
    }
    return Promise.all(Array.from({ length: inFlight }, lane))
  }

const effects =
  (call: Effect.Effect<unknown, unknown>): Calls =>
  (calls, inFlight) => {
    let left = calls
    const lane: Effect.Effect<void, unknown> = Effect.whileLoop({
      while: () => left-- > 0,
      body: () => call,
      step: () => {}
    })
    return Effect.runPromise(
      Effect.all(
        Array.from({ length: inFlight }, () => lane),
        { concurrency: "unbounded", discard: true }
      )
    )
  }

const body = await (await fetch(address)).text()
const headers = { "content-type": "application/json", "content-length": String(body.length) }
const inMemory = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) =>
    Effect.succeed(HttpClientResponse.fromWeb(request, new Response(body, { status: 200, headers })))
  )
)
const onMemory = ManagedRuntime.make(Layer.merge(horde(inMemory), inMemory))
const oursInMemory = await onMemory.runPromise(ImageGeneration.Check)
const platformInMemory = await onMemory.runPromise(HttpClient.HttpClient)

const fetchName = "fetch + JSON.parse"
const platformName = "HttpClient + Schema (undici)"
const oursName = "effect-horde (undici)"
const platformMemoryName = "HttpClient + Schema (in memory)"
const oursMemoryName = "effect-horde (in memory)"

const clients: ReadonlyArray<readonly [name: string, run: Calls]> = [
  [fetchName, promises(async () => JSON.parse(await (await fetch(address)).text()))],
  ["undici.request + JSON.parse", promises(async () => JSON.parse(await (await undici.request(address)).body.text()))],
  [platformName, effects(Effect.flatMap(platform.get(address), decode))],
  ["HttpApiClient (undici)", effects(Effect.suspend(() => derived.generate.check({ path: { id } })))],
  [oursName, effects(Effect.suspend(() => ours({ params: { id } })))],
  ["effect-horde (fetch)", effects(Effect.suspend(() => oursOnFetch({ params: { id } })))]
]

/** Without sockets, and in rounds of their own: the garbage of other clients is not charged to them. */
const inMemoryClients: ReadonlyArray<readonly [name: string, run: Calls]> = [
  [platformMemoryName, effects(Effect.flatMap(platformInMemory.get(address), decode))],
  [oursMemoryName, effects(Effect.suspend(() => oursInMemory({ params: { id } })))]
]

// for a profile of one client
const only = process.env.BENCH_ONLY
const isChosen = ([name]: readonly [name: string, run: Calls]) => only === undefined || name === only

const rowsOf = (all: typeof clients, calls: number, inFlight: number): ReadonlyArray<Row> =>
  all.filter(isChosen).map(([name, run]) => ({ name, run: () => timed(calls, () => run(calls, inFlight)) }))

const print = (samples: Samples, base: string, label: string): void =>
  table(
    ["", "us a call", `x ${label}`, "CPU us a call", `x ${label} (CPU)`],
    [...samples.keys()].map((name) => [
      name,
      median(valuesOf(samples, name, "time")).toFixed(0),
      spread(ratios(samples, base, name, "time")),
      median(valuesOf(samples, name, "cpu")).toFixed(0),
      spread(ratios(samples, base, name, "cpu"))
    ])
  )

for (const inFlight of [1, 16]) {
  const samples = await rounds(rowsOf(clients, inFlight === 1 ? 150 : 500, inFlight), { count: 11, warmUp: 4 })
  console.log(`${inFlight} in flight`)
  print(samples, fetchName, "fetch")
  if (only === undefined) {
    // the ratio of speeds, by time or by processor time, whichever is better
    const found = Math.max(
      ...(["time", "cpu"] as const).map((metric) => median(ratios(samples, platformName, oursName, metric)))
    )
    const wanted = inFlight === 1 ? 0.85 : 0.7
    verdict(found >= wanted, `${wanted} x the platform's client with a schema`, `${found.toFixed(2)} x`)
  }
  console.log()
}

const samples = await rounds(rowsOf(inMemoryClients, 2000, 1), { count: 15, warmUp: 3 })
console.log("in memory")
print(samples, platformMemoryName, "platform")
if (only === undefined) {
  const theirs = valuesOf(samples, platformMemoryName, "cpu")
  const above = median(valuesOf(samples, oursMemoryName, "cpu").map((ours, round) => ours - (theirs[round] ?? 0)))
  verdict(above <= 40, "40 us of processor time above the platform's client", `${above.toFixed(0)} us`)
}
console.log()

await onUndici.dispose()
await onFetch.dispose()
await onMemory.dispose()
server.close()
