/** Which links and redirects a download follows, and what it sends. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as Download from "effect-horde/Download"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { type Answer, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

const webp = "RIFF\0\0\0\0WEBPVP8 "

const image: Answer = { status: 200, headers: { "content-type": "text/plain" }, body: webp }

/** Downloads with scripted replies by address; all other addresses return a picture. */
const over = (answers: { readonly [address: string]: Answer }, baseUrl: string, options?: Download.Options) => {
  const { layer, sent } = server(({ url }) => answers[url.href] ?? image)
  const connection = HordeClient.layer({ baseUrl, apiKey: Redacted.make("a".repeat(22)) }).pipe(Layer.orDie)
  const stack = Download.layer(options).pipe(
    Layer.provide(connection),
    Layer.provide([RateLimit.layerNone, Retry.layerNone]),
    Layer.provide(layer)
  )
  const get = (link: string) =>
    Effect.flatMap(Download.Download, (download) => download.image(link)).pipe(Effect.provide(stack))
  return { get, sent }
}

const real = "https://aihorde.net/api"
const local = "http://127.0.0.1:7001/api"

const to = (location: string, status = 302): Answer => ({ status, headers: { location } })

describe("download links", () => {
  it.effect("a download sends no headers of the account", () =>
    Effect.gen(function* () {
      const { get, sent } = over({}, real)
      const { bytes, mediaType } = yield* Effect.withSpan(get("https://store.test/1.webp?signature=s"), "visitor")
      assert.strictEqual(mediaType, "image/webp")
      assert.strictEqual(bytes.length, webp.length)
      assert.lengthOf(sent, 1)
      assert.deepStrictEqual(sent[0]?.headers, {})
    })
  )

  const forbidden = ["http://store.test/1.webp", "http://127.0.0.1/1.webp", "HTTP://store.test/1.webp"]
  for (const link of forbidden) {
    it.effect(`a download from ${link} fails as Insecure, and nothing is sent`, () =>
      Effect.gen(function* () {
        const { get, sent } = over({}, real)
        assert.strictEqual((yield* Effect.flip(get(link))).reason, "Insecure")
        assert.lengthOf(sent, 0)
      })
    )
  }

  it.effect("a download over http from loopback is allowed only if the horde is on loopback too", () =>
    Effect.gen(function* () {
      const { get, sent } = over({}, local)
      for (const link of ["http://127.0.0.1:7001/1", "http://localhost/1", "http://[::1]/1"]) yield* get(link)
      assert.lengthOf(sent, 3)
      assert.strictEqual((yield* Effect.flip(get("http://store.test/1.webp"))).reason, "Insecure")
      assert.strictEqual((yield* Effect.flip(get("http://127.0.0.1.evil.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 3)
    })
  )

  it.effect("a text that is no https link is not downloaded", () =>
    Effect.gen(function* () {
      const { get, sent } = over({}, real)
      assert.strictEqual((yield* Effect.flip(get("https://"))).reason, "Unavailable")
      assert.strictEqual((yield* Effect.flip(get("ftp://store.test/1.webp"))).reason, "NotAnImage")
      assert.strictEqual((yield* Effect.flip(get("file:///etc/passwd"))).reason, "NotAnImage")
      assert.strictEqual((yield* Effect.flip(get(""))).reason, "NotAnImage")
      assert.lengthOf(sent, 0)
    })
  )
})

describe("download redirects", () => {
  it.effect("a redirect to https is followed without headers of the account", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("https://other.test/2", 307) }, real)
      yield* get("https://store.test/1")
      assert.deepStrictEqual(
        sent.map(({ headers, url }) => [url.href, headers]),
        [
          ["https://store.test/1", {}],
          ["https://other.test/2", {}]
        ]
      )
    })
  )

  it.effect("a relative redirect stays on its host", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/a/1": to("../2") }, real)
      yield* get("https://store.test/a/1")
      assert.strictEqual(sent[1]?.url.href, "https://store.test/2")
    })
  )

  it.effect("a redirect to http fails as Insecure", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("http://store.test/1") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 1)
    })
  )

  it.effect("a redirect from a public horde's store to loopback fails as Insecure", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("http://127.0.0.1:8080/admin") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 1)
    })
  )

  it.effect("a download fails after five redirects", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("https://store.test/1") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Unavailable")
      assert.lengthOf(sent, 6)
    })
  )
})

describe("size limits of downloads", () => {
  const big = (length: number): Answer => ({ status: 200, body: webp.padEnd(length, "x") })

  it.effect("maxBytes limits downloads from links, whatever their headers declare", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1"
      const lying = { ...big(101), headers: { "content-length": "20" } }
      const declared = { ...big(50), headers: { "content-length": "1000" } }
      for (const answer of [big(101), lying, declared]) {
        const { get } = over({ [link]: answer }, real, { maxBytes: 100 })
        assert.strictEqual((yield* Effect.flip(get(link))).reason, "TooLarge")
      }
      const { get } = over({ [link]: big(100) }, real, { maxBytes: 100 })
      assert.lengthOf((yield* get(link)).bytes, 100)
    })
  )

  it.effect("maxBytes limits pictures in base64", () =>
    Effect.gen(function* () {
      const { get } = over({}, real, { maxBytes: 100 })
      const encode = (length: number) => btoa(webp.padEnd(length, "x"))
      assert.lengthOf((yield* get(encode(100))).bytes, 100)
      assert.strictEqual((yield* Effect.flip(get(encode(101)))).reason, "TooLarge")
      assert.strictEqual((yield* Effect.flip(get(encode(1000)))).reason, "TooLarge")
    })
  )

  it.effect("maxBytes is 64 MiB by default", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1"
      const declared = { ...image, headers: { "content-length": String(64 * 1024 * 1024 + 1) } }
      const { get } = over({ [link]: declared }, real)
      assert.strictEqual((yield* Effect.flip(get(link))).reason, "TooLarge")
    })
  )
})

describe("the length of a download", () => {
  const link = "https://store.test/1"
  const of = (body: string, headers: Answer["headers"] = {}) => over({ [link]: { status: 200, headers, body } }, real)

  for (const [title, declared] of [
    ["shorter", webp.length + 1],
    ["longer", webp.length - 1]
  ] as const) {
    it.effect(`a download that is ${title} than declared fails and is repeated`, () =>
      Effect.gen(function* () {
        const { get, sent } = of(webp, { "content-length": String(declared) })
        assert.strictEqual((yield* runToEnd(Effect.flip(get(link)))).reason, "Transport")
        assert.isAbove(sent.length, 3)
      })
    )
  }

  it.effect("a download with an exact, missing, invalid or compressed content-length succeeds with one request", () =>
    Effect.gen(function* () {
      const exact = String(webp.length)
      const cases: ReadonlyArray<Answer["headers"]> = [
        { "content-length": exact },
        { "content-length": exact, "content-encoding": "identity" },
        { "content-length": "7", "content-encoding": "gzip" },
        { "content-length": "many" },
        {}
      ]
      for (const headers of cases) {
        const { get, sent } = of(webp, headers)
        const { bytes, mediaType } = yield* runToEnd(get(link))
        assert.deepStrictEqual([new TextDecoder().decode(bytes), mediaType], [webp, "image/webp"])
        assert.lengthOf(sent, 1, JSON.stringify(headers))
      }
    })
  )

  it.effect("a download that is shorter than its image header says fails, whatever its content-length is", () =>
    Effect.gen(function* () {
      const whole = `RIFF\x10\0\0\0WEBP${"x".repeat(12)}`
      yield* of(whole).get(link)
      yield* of(`${whole}more`).get(link)
      const cut = whole.slice(0, -1)
      for (const headers of [{}, { "content-length": String(cut.length) }]) {
        const { get, sent } = of(cut, headers)
        assert.strictEqual((yield* runToEnd(Effect.flip(get(link)))).reason, "Transport")
        assert.isAbove(sent.length, 3)
      }
    })
  )
})

describe("the type of a download", () => {
  it.effect("the media type of a download is that of its bytes, whatever its header says", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1"
      for (const [type, body, mediaType] of [
        ["application/octet-stream", webp, "image/webp"],
        ["text/html", "GIF89a\x01\0\x01\0\0\0\0;", "image/gif"],
        ["image/webp", "\0\0\0\x0cftypavif\0\0\0\x0cmeta\0\0\0\0\0\0\0\x08mdat", "image/avif"]
      ] as const) {
        const { get } = over({ [link]: { status: 200, headers: { "content-type": type }, body } }, real)
        assert.strictEqual((yield* get(link)).mediaType, mediaType)
      }
      const { get } = over({ [link]: { status: 200, headers: { "content-type": "image/webp" }, body: "<p>" } }, real)
      assert.strictEqual((yield* Effect.flip(get(link))).reason, "NotAnImage")
    })
  )
})

describe("invalid links", () => {
  const invalid: ReadonlyArray<readonly [string, string]> = [
    ["https://", "Unavailable"],
    ["http:/x", "Unavailable"],
    ["https:x", "Unavailable"],
    ["https://a b/", "Unavailable"],
    ["https://\ud83d/1.webp", "Unavailable"],
    ["https://store.test:99999/", "Unavailable"],
    ["https://user:secret@store.test/1.webp", "Insecure"]
  ]
  for (const [link, reason] of invalid) {
    it.effect(`a download from an invalid link fails, and nothing is sent: ${JSON.stringify(link)}`, () =>
      Effect.gen(function* () {
        const { get, sent } = over({}, real)
        assert.strictEqual((yield* Effect.flip(get(link))).reason, reason)
        assert.lengthOf(sent, 0)
      })
    )
  }

  for (const link of [
    "https://store.test/\ud83d.webp?a=\udc00#\ud83d",
    "https://store.test/%zz?%=%",
    " https://store.test/1 "
  ]) {
    it.effect(`a link with odd characters is encoded and sent: ${JSON.stringify(link)}`, () =>
      Effect.gen(function* () {
        const { get, sent } = over({}, real)
        yield* get(link)
        assert.lengthOf(sent, 1)
      })
    )
  }

  it.effect("a redirect to an invalid link fails as Unavailable", () =>
    Effect.gen(function* () {
      const { get } = over({ "https://store.test/1": to("https://") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Unavailable")
    })
  )
})

describe("errors of downloads", () => {
  it.effect("the error of a download does not contain the link", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1.webp?signature=secret"
      const { get } = over({ [link]: { status: 403 } }, real)
      const error = yield* Effect.flip(get(link))
      assert.notInclude(JSON.stringify(error) + String(error), "secret")
    })
  )
})
