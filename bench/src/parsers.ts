/**
 * All parsers of server replies, over hostile inputs of 2 and 4 MB: twice the input must take at most 2.5 times as long.
 * On such inputs an ambiguous pattern takes quadratic time.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import * as FollowUp from "effect-horde/FollowUp"
import * as HordeClient from "effect-horde/HordeClient"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { scrub } from "effect-horde/internal/call/scrub"
import { decodeBase64 } from "effect-horde/internal/image/base64"
import { decodeDataUrl } from "effect-horde/internal/image/dataUrl"
import { isSafe } from "effect-horde/internal/image/imageFiles"
import { sniff } from "effect-horde/internal/image/sniff"
import { limiterWindow, retryAfter, secondsNamed } from "effect-horde/internal/limits/limiterMessage"
import { parseDate } from "effect-horde/internal/schema/timestamp"
import * as Job from "effect-horde/Job"
import * as JobJournal from "effect-horde/JobJournal"
import * as JobQuota from "effect-horde/JobQuota"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import * as SharedKeys from "effect-horde/SharedKeys"
import * as Users from "effect-horde/Users"
import { table, verdict } from "./rounds.js"

const largest = 4_000_000
const target = 2.5

/** A start, then a unit repeated up to the length, then an end. */
interface Shape {
  readonly start?: string
  readonly unit: string
  readonly end?: string
}

const fill = ({ end = "", start = "", unit }: Shape, length: number): string =>
  start + unit.repeat(Math.floor((length - start.length - end.length) / unit.length)) + end

interface Parser {
  readonly name: string
  readonly shapes: ReadonlyArray<Shape>
  readonly parse: (text: string) => unknown
}

const spaces = { unit: " ", end: "!" }
const digits = { unit: "7" }

const bytes = (start: ReadonlyArray<number>, unit: ReadonlyArray<number>): Shape => ({
  start: String.fromCharCode(...start),
  unit: String.fromCharCode(...unit)
})

const images: ReadonlyArray<readonly [string, Shape]> = [
  ["WebP", bytes([...Buffer.from("RIFF"), 255, 255, 255, 255, ...Buffer.from("WEBP")], [0])],
  [
    "PNG, empty chunks",
    bytes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [0, 0, 0, 0, 73, 68, 65, 84, 0, 0, 0, 0])
  ],
  ["JPEG, fill bytes", bytes([0xff, 0xd8], [0xff])],
  ["JPEG, empty segments", bytes([0xff, 0xd8], [0xff, 0xe0, 0, 2])],
  ["JPEG, coded data", bytes([0xff, 0xd8, 0xff, 0xda, 0, 2], [0xff, 0, 1])],
  ["GIF, empty extensions", bytes([...Buffer.from("GIF89a"), 1, 0, 1, 0, 0, 0, 0], [0x21, 0xfe, 0])],
  ["GIF, small blocks", bytes([...Buffer.from("GIF89a"), 1, 0, 1, 0, 0, 0, 0, 0x21, 0xfe], [1, 0x3b])],
  ["AVIF, empty boxes", bytes([0, 0, 0, 12, ...Buffer.from("ftypavif")], [0, 0, 0, 8, 109, 101, 116, 97])],
  [
    "AVIF, sizes of 8 bytes",
    bytes([0, 0, 0, 12, ...Buffer.from("ftypavif")], [0, 0, 0, 1, 102, 114, 101, 101, 0, 0, 0, 0, 0, 0, 0, 16])
  ]
]

let answer = { status: 200, headers: {}, body: "" }

/** A server that returns `answer`, so that a measurement covers a call from the response to the error. */
const http = HttpClient.make((request) =>
  Effect.sync(() => {
    const { body, headers, status } = answer
    return HttpClientResponse.fromWeb(request, new Response(body, { status, headers }))
  })
)

const runtime = ManagedRuntime.make(
  ImageGeneration.layer.pipe(
    Layer.provideMerge(FollowUp.layer()),
    Layer.provide(HordeClient.layer({ baseUrl: "https://horde.test/api", clientAgent: "bench:1:none" })),
    Layer.provide([JobJournal.layerMemory, JobQuota.layerNone, RateLimit.layerNone, Retry.layerNone]),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, http))
  )
)

const submit = Effect.exit(Effect.scoped(ImageGeneration.submit({ prompt: "a lighthouse" })))

/** Submits, with a text in the reply. */
const submitted =
  (
    status: number,
    body: (text: string) => string,
    headers: (text: string) => Readonly<Record<string, string>> = () => ({})
  ) =>
  (text: string) => {
    answer = { status, headers: headers(text), body: body(text) }
    return runtime.runPromise(submit)
  }

const sharedKey = Schema.decodeUnknownEither(SharedKeys.SharedKeyDetails)
const user = Schema.decodeUnknownEither(Users.UserDetails)
const idPattern = { start: '{"id": "', unit: "0", end: '"}' }

const details = {
  id: "1",
  username: "a",
  kudos: 1,
  utilized: 1,
  max_image_pixels: 1,
  max_image_steps: 1,
  max_text_tokens: 1
}

const parsers: ReadonlyArray<Parser> = [
  {
    name: "base64",
    parse: decodeBase64,
    shapes: [
      { unit: "AAAA" },
      { unit: "_-_-" },
      { unit: "AAAA\r\n" },
      spaces,
      { unit: "=", end: "!" },
      { unit: " =", end: "!" }
    ]
  },
  {
    name: "data URL",
    parse: (text) => decodeDataUrl(`data:${text}`),
    shapes: [
      { start: ";base64,", unit: "AAAA" },
      { start: ";base64,", unit: "%41" },
      { start: ",", unit: "%" },
      { unit: ";", end: "," },
      { start: ";", unit: " ", end: "base64!," }
    ]
  },
  { name: "date", parse: parseDate, shapes: [{ unit: ":" }, spaces, digits, { start: "2026-11-25", unit: " " }] },
  {
    name: "Retry-After",
    parse: (text) => retryAfter(text, 0),
    shapes: [digits, spaces, { unit: "1." }, { unit: ":" }]
  },
  {
    name: "TimeoutIP",
    parse: secondsNamed,
    shapes: [digits, { unit: "7 " }, { unit: "1.", end: "sec" }, { start: "7", unit: " " }, { unit: "7 more " }]
  },
  {
    name: "limiter",
    parse: limiterWindow,
    shapes: [digits, { start: "2 per ", unit: "7" }, { unit: "2 per 1 " }]
  },
  {
    name: "refusal",
    parse: submitted(403, (message) => JSON.stringify({ message, rc: "TimeoutIP" })),
    shapes: [digits, spaces, { unit: '"' }, { unit: "a lighthouse" }, { unit: "a lighthous" }]
  },
  {
    name: "limiter's refusal",
    parse: submitted(
      429,
      (message) => JSON.stringify({ message }),
      (text) => ({ "retry-after": text })
    ),
    shapes: [digits, { unit: "7 per " }]
  },
  {
    name: "refusal with errors",
    parse: submitted(400, (text) => JSON.stringify({ message: "wrong", errors: { [text]: text } })),
    shapes: [digits, { unit: "a lighthouse" }]
  },
  { name: "page", parse: submitted(502, (text) => text), shapes: [{ start: "<html>", unit: "<p> " }, { unit: "[" }] },
  {
    name: "truncated reply to a submit",
    parse: submitted(202, (text) => text),
    shapes: [{ unit: '"id" : ' }, { start: '{"id"', unit: " " }, { start: '{"a":', unit: '{"id":"00000000-' }]
  },
  {
    name: "scrub",
    parse: (text) => scrub(text, ["secret-key"]),
    shapes: [{ unit: "secret-" }, { unit: "secret-key" }]
  },
  { name: "id of a picture", parse: isSafe, shapes: [{ unit: "a" }, { unit: "com1" }] },
  {
    name: "shared key",
    parse: (expiry) => sharedKey({ ...details, expiry }),
    shapes: [{ unit: ":" }, digits, spaces]
  },
  {
    name: "user",
    parse: (last_received) => user({ username: "a", id: 1, kudos: 1, monthly_kudos: { last_received } }),
    shapes: [{ unit: ":" }, digits, spaces]
  },
  {
    name: "ticket",
    parse: (text) => Either.isLeft(Job.decodeTicket(text)),
    shapes: [{ unit: "[", end: "" }, { start: '{"version":1,"id":"', unit: "x", end: '"}' }, idPattern, spaces]
  },
  {
    name: "journal entry",
    parse: (text) => Either.isLeft(JobJournal.decode(text)),
    shapes: [{ unit: "[" }, { start: '{"version":1,"key":"', unit: "x", end: '"}' }, idPattern, spaces]
  },
  ...images.map(
    ([name, shape]): Parser => ({ name, parse: (text) => sniff(Buffer.from(text, "latin1")), shapes: [shape] })
  )
]

/** The processor time of a run, which other programs barely affect. Short runs are repeated. */
const cpuMillis = async (parse: Parser["parse"], text: string, repeats: number): Promise<number> => {
  const before = process.cpuUsage()
  for (let run = 0; run < repeats; run++) await parse(text)
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1000 / repeats
}

/** Shorter times mostly measure the clock and the call. */
const measurable = 0.5
const leastSample = 20
const samples = 5

/** The shortest time of each length, because other load can only add time. The two lengths alternate. */
const measure = async ({ parse }: Parser, shape: Shape) => {
  const texts = [fill(shape, largest / 2), fill(shape, largest)] as const
  const first = await cpuMillis(parse, texts[0], 1)
  const repeats = Math.min(100, Math.ceil(leastSample / Math.max(first, 0.01)))
  let half = Number.POSITIVE_INFINITY
  let whole = Number.POSITIVE_INFINITY
  for (let sample = 0; sample < samples; sample++) {
    globalThis.gc?.()
    half = Math.min(half, await cpuMillis(parse, texts[0], repeats))
    globalThis.gc?.()
    whole = Math.min(whole, await cpuMillis(parse, texts[1], repeats))
  }
  return { half, whole, growth: whole < measurable ? 0 : whole / half }
}

const rows: Array<ReadonlyArray<string>> = []
let worst = 0
for (const parser of parsers) {
  for (const shape of parser.shapes) {
    let found = await measure(parser, shape)
    // load can slow down all samples of one length, but hardly three times in a row
    for (let again = 0; again < 2 && found.growth > target; again++) {
      const next = await measure(parser, shape)
      if (next.growth < found.growth) found = next
    }
    worst = Math.max(worst, found.growth)
    rows.push([
      `${parser.name}: ${JSON.stringify(`${(shape.start ?? "").slice(0, 12)}${shape.unit.slice(0, 8)}…${shape.end ?? ""}`)}`,
      found.half.toFixed(2),
      found.whole.toFixed(2),
      found.growth === 0 ? "-" : found.growth.toFixed(2)
    ])
  }
}
table(["", "CPU ms for 2 MB", "CPU ms for 4 MB", "x as long"], rows)
verdict(worst <= target, `twice the input at most ${target} x as long`, `${worst.toFixed(2)} x`)
if (worst > target) process.exitCode = 1
await runtime.dispose()
