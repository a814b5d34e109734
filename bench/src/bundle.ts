/** The download size of a browser application, by esbuild: minified, each module imported by its own path. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { table, verdict } from "./rounds.js"

const dist = fileURLToPath(new URL("../../packages/horde/dist", import.meta.url))

const bundle = async (contents: string, external: ReadonlyArray<string> = []) => {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    alias: { "effect-horde": dist }, // the published build, not the TypeScript sources of the workspace
    external: [...external],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false
  })
  const [output] = Object.values(metafile.outputs)
  let ours = 0
  for (const [file, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    if (file.includes("packages/horde/dist/")) ours += bytesInOutput
  }
  const bytes = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, ours }
}

const effects = `
  import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
  import * as Effect from "effect/Effect"
  import * as Layer from "effect/Layer"
`

/** One endpoint over `fetch`, with rate limits and retries. */
const oneEndpoint = `${effects}
  import * as HordeClient from "effect-horde/HordeClient"
  import * as RateLimit from "effect-horde/RateLimit"
  import * as Retry from "effect-horde/Retry"
  import * as SharedKeys from "effect-horde/SharedKeys"
  export const budget = (id) =>
    Effect.flatMap(SharedKeys.Get, (get) => get({ params: { id: SharedKeys.sharedKeyId(id) } })).pipe(
      Effect.provide(
        SharedKeys.Get.layer.pipe(
          Layer.provide(HordeClient.layer()),
          Layer.provide([FetchHttpClient.layer, RateLimit.layer, Retry.layer()])
        )
      ),
      Effect.runPromise
    )
`

/** Images and texts. */
const everything = `${effects}
  import * as Horde from "effect-horde/Horde"
  import * as ImageGeneration from "effect-horde/ImageGeneration"
  import * as TextGeneration from "effect-horde/TextGeneration"
  export const both = (prompt) =>
    Effect.all([ImageGeneration.generate({ prompt }), TextGeneration.generate({ prompt })]).pipe(
      Effect.provide(Horde.layer().pipe(Layer.provide(FetchHttpClient.layer))),
      Effect.runPromise
    )
`

const resources = [
  "Alchemy",
  "Collections",
  "Documents",
  "Filters",
  "ImageGeneration",
  "Kudos",
  "Operations",
  "SharedKeys",
  "Stats",
  "Status",
  "Styles",
  "Teams",
  "TextGeneration",
  "Users",
  "Worker",
  "Workers"
]

/** The layer that an `AIHorde` uses, with the functions of all resources. */
const allResources = `${effects}
  ${resources.map((name) => `import * as ${name} from "effect-horde/${name}"`).join("\n")}
  import * as Horde from "effect-horde/Horde"
  import * as Recovery from "effect-horde/Recovery"
  const layer = Recovery.layer({ kinds: Horde.kinds, policy: "cancel" }).pipe(
    Layer.provideMerge(Horde.layerAll()),
    Layer.provide(FetchHttpClient.layer)
  )
  export const run = (effect) => Effect.runPromise(Effect.provide(effect, layer))
  export const resources = [${resources}]
`

/** The same for programs without Effect. */
const promises = `export { AIHorde } from "effect-horde/promise"`

/** The same call written with the platform alone: no rate limits, no retries, no typed refusals. */
const platform = `${effects}
  import * as HttpClient from "@effect/platform/HttpClient"
  import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
  import * as Schema from "effect/Schema"
  const Details = Schema.Struct({
    id: Schema.NonEmptyString,
    username: Schema.String,
    name: Schema.optional(Schema.String),
    kudos: Schema.Number,
    expiry: Schema.optional(Schema.Date),
    utilized: Schema.Number,
    max_image_pixels: Schema.optionalWith(Schema.Int.pipe(Schema.between(-1, 4194304)), { default: () => -1 })
  })
  export const budget = (id) =>
    HttpClient.get("https://aihorde.net/api/v2/sharedkeys/" + encodeURIComponent(id)).pipe(
      Effect.flatMap(HttpClientResponse.filterStatusOk),
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Details)),
      Effect.timeout("30 seconds"),
      Effect.provide(FetchHttpClient.layer),
      Effect.runPromise
    )
`

const external = ["effect/*", "@effect/platform/*"]
const rows = [
  ["HttpClient + Schema, no SDK", await bundle(platform), undefined],
  ["SharedKeys.Get", await bundle(oneEndpoint), await bundle(oneEndpoint, external)],
  ["Horde.layer", await bundle(everything), await bundle(everything, external)],
  ["layerAll, Recovery, functions", await bundle(allResources), await bundle(allResources, external)],
  ["AIHorde", await bundle(promises), await bundle(promises, external)]
] as const

const [[, base], [, one], [, all], [, functions], [, promise]] = rows
const kB = (bytes: number) => (bytes / 1000).toFixed(1)
const share = ({ gzip, minified, ours }: typeof base) => (gzip * ours) / minified

table(
  ["", "minified kB", "gzip kB", "more than no SDK", "our share of it", "our modules alone"],
  rows.map(([name, whole, alone]) => [
    name,
    kB(whole.minified),
    kB(whole.gzip),
    kB(whole.gzip - base.gzip),
    kB(share(whole)),
    alone === undefined ? "" : kB(alone.gzip)
  ])
)
const above = one.gzip - base.gzip
verdict(above <= 16_000, "SharedKeys.Get at most 16 kB more than no SDK", `${kB(above)} kB`)
verdict(share(one) <= 14_000, "of which ours at most 14 kB", `${kB(share(one))} kB`)
const allAbove = all.gzip - base.gzip
verdict(allAbove <= 34_000, "Horde.layer at most 34 kB more than no SDK", `${kB(allAbove)} kB`)
const abovePromise = promise.gzip - functions.gzip
verdict(abovePromise <= 6000, "AIHorde at most 6 kB more than its layer and functions", `${kB(abovePromise)} kB`)
