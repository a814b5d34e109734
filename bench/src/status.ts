/** A `status` reply with ten pictures of 1 MB as base64, up to the decoded reply, and up to the bytes. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { Download } from "effect-horde/Download"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import * as Job from "effect-horde/Job"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { median, type Row, ratios, rounds, spread, table, timed, valuesOf, verdict } from "./rounds.js"
import { serve } from "./servers.js"

const server = await serve()
const id = Job.GenerationRequestId.make("00000000-0000-4000-8000-000000000001")
const address = `${server.url}/v2/generate/status/${id}`

const runtimeOver = <E>(http: Layer.Layer<HttpClient, E>) =>
  ManagedRuntime.make(
    ImageGeneration.layer.pipe(
      Layer.provideMerge(FollowUp.layer()),
      Layer.provideMerge(HordeClient.layer({ baseUrl: server.url, clientAgent: "bench:1:none" })),
      Layer.provide([JobJournal.layerMemory, JobQuota.layer, RateLimit.layerWith({ limits: () => [] }), Retry.layer()]),
      Layer.provide(http)
    )
  )

const onUndici = runtimeOver(NodeHttpClient.layerUndici)
const onFetch = runtimeOver(FetchHttpClient.layer)

const reply = ImageGeneration.status(id)
const bytes = Effect.flatMap(reply, ({ generations }) =>
  Effect.flatMap(Download, (download) => Effect.forEach(generations, ({ img }) => download.image(img)))
)

const parsed = async () => JSON.parse(await (await fetch(address)).text())

/** The request of an application. */
type Program = Effect.Effect<unknown, unknown, ImageGeneration.Status | Download>

interface Figure {
  readonly title: string
  readonly base: string
  readonly raw: () => Promise<unknown>
  readonly ours: Program
  readonly target: number | undefined
}

const figures: ReadonlyArray<Figure> = [
  {
    title: "up to the decoded reply",
    base: "fetch + JSON.parse",
    raw: parsed,
    ours: reply,
    target: 0.9
  },
  {
    title: "up to the bytes",
    base: "fetch + JSON.parse + Buffer.from",
    raw: async () => {
      const { generations } = await parsed()
      return generations.map(({ img }: { readonly img: string }) => Buffer.from(img, "base64"))
    },
    ours: bytes,
    target: undefined
  }
]

for (const { base, ours, raw, target, title } of figures) {
  const replies = 3
  const repeat = (one: () => Promise<unknown>) => () =>
    timed(replies, async () => {
      for (let n = 0; n < replies; n++) await one()
    })
  const undici = "effect-horde (undici)"
  const rows: ReadonlyArray<Row> = [
    { name: base, run: repeat(raw) },
    { name: undici, run: repeat(() => onUndici.runPromise(ours)) },
    { name: "effect-horde (fetch)", run: repeat(() => onFetch.runPromise(ours)) }
  ]
  const samples = await rounds(rows, { count: 11, collect: true })
  console.log(title)
  table(
    ["", "ms a reply", "x fetch", "CPU ms a reply", "x fetch (CPU)"],
    rows.map(({ name }) => [
      name,
      (median(valuesOf(samples, name, "time")) / 1000).toFixed(0),
      spread(ratios(samples, base, name, "time")),
      (median(valuesOf(samples, name, "cpu")) / 1000).toFixed(0),
      spread(ratios(samples, base, name, "cpu"))
    ])
  )
  if (target !== undefined) {
    const found = median(ratios(samples, base, undici, "time"))
    verdict(found >= target, `${target} x fetch`, `${found.toFixed(2)} x`)
  }
  console.log()
}

await onUndici.dispose()
await onFetch.dispose()
server.close()
