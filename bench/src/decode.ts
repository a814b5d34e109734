/**
 * `GET /v2/workers`: the time to parse and decode the list, next to `JSON.parse` of the same bytes, and how long a larger
 * list blocks the event loop.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as Workers from "effect-horde/Workers"
import { median, ratios, rounds, spread, table, timed, valuesOf, verdict } from "./rounds.js"

const worker = (n: number) => ({
  requests_fulfilled: 1000 + n,
  kudos_rewards: 12_345.5 + n,
  kudos_details: { generated: 12_000, uptime: 345.5 },
  performance: "1.6 megapixelsteps per second",
  threads: 1,
  uptime: 86_400 + n,
  maintenance_mode: false,
  nsfw: true,
  trusted: true,
  flagged: false,
  uncompleted_jobs: n % 7,
  models: Array.from({ length: 20 }, (_, model) => `Model number ${model} of a worker`),
  team: { name: null, id: null },
  bridge_agent: "AI Horde Worker reGen:10.1.1:https://github.com/Haidra-Org/horde-worker-reGen",
  max_pixels: 4_194_304,
  megapixelsteps_generated: 123_456,
  img2img: true,
  painting: true,
  "post-processing": true,
  lora: true,
  controlnet: false,
  sdxl_controlnet: false,
  type: "image",
  name: `worker number ${n}`,
  id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  online: true
})

const listOf = (count: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(Array.from({ length: count }, (_, n) => worker(n))))

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

/** The endpoint, over a server in memory that replies with this list. */
const listing = (body: Uint8Array) => {
  const headers = { "content-type": "application/json", "content-length": String(body.length) }
  const http = HttpClient.make((request) =>
    Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(new Uint8Array(body), { headers })))
  )
  return ManagedRuntime.make(
    Workers.List.layer.pipe(
      Layer.provide(HordeClient.layer({ clientAgent: "bench:1:none" })),
      Layer.provide([Layer.succeed(HttpClient.HttpClient, http), RateLimit.layerNone, Retry.layerNone])
    )
  )
}

const few = listOf(500)
const runtime = listing(few)
const calls = 20
const ours = "Workers.list"
const base = "JSON.parse"
const samples = await rounds([
  {
    name: base,
    run: () =>
      timed(calls, async () => {
        for (let n = 0; n < calls; n++) parse(few)
      })
  },
  {
    name: ours,
    run: () =>
      timed(calls, async () => {
        for (let n = 0; n < calls; n++) await runtime.runPromise(Workers.list())
      })
  }
])
table(
  ["500 workers of 20 models", "CPU us each", "x JSON.parse"],
  [base, ours].map((name) => [
    name,
    spread(valuesOf(samples, name, "cpu"), 0),
    spread(ratios(samples, name, base, "cpu"))
  ])
)
const found = median(ratios(samples, ours, base, "cpu"))
verdict(found <= 5, "at most 5 x JSON.parse", `${found.toFixed(2)} x`)

/** The longest time between two turns of the event loop while the call runs. */
const blocked = async (call: () => Promise<unknown>) => {
  let longest = 0
  let last = performance.now()
  let isRunning = true
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (isRunning) setImmediate(turn)
  }
  setImmediate(turn)
  await call()
  isRunning = false
  await new Promise((resolve) => setImmediate(resolve))
  return longest
}

const many = listOf(2000)
const large = listing(many)
const times: Array<number> = []
const parses: Array<number> = []
for (let n = 0; n < 20; n++) {
  times.push(await blocked(() => large.runPromise(Workers.list())))
  parses.push(await blocked(async () => void parse(many)))
}
console.log()
table(
  ["2,000 workers, ms", "the longest block"],
  [
    [ours, spread(times, 0)],
    [base, spread(parses, 0)]
  ]
)
const most = Math.max(...times.slice(1))
verdict(most <= 50, "never blocks the event loop for more than 50 ms", `${most.toFixed(0)} ms`)
