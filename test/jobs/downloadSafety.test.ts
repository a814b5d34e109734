/** Where a link may lead, and what is sent along. */
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

/** Downloads over scripted answers by address; what is not scripted is a picture. */
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

describe("a link", () => {
  it.effect("is fetched with nothing of the account", () =>
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
    it.effect(`to ${link} is refused before anything is sent`, () =>
      Effect.gen(function* () {
        const { get, sent } = over({}, real)
        assert.strictEqual((yield* Effect.flip(get(link))).reason, "Insecure")
        assert.lengthOf(sent, 0)
      })
    )
  }

  it.effect("to loopback over http is followed where the horde is there too, and elsewhere is not", () =>
    Effect.gen(function* () {
      const { get, sent } = over({}, local)
      for (const link of ["http://127.0.0.1:7001/1", "http://localhost/1", "http://[::1]/1"]) yield* get(link)
      assert.lengthOf(sent, 3)
      assert.strictEqual((yield* Effect.flip(get("http://store.test/1.webp"))).reason, "Insecure")
      assert.strictEqual((yield* Effect.flip(get("http://127.0.0.1.evil.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 3)
    })
  )

  it.effect("that is none is no picture", () =>
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

describe("a redirect", () => {
  it.effect("to https is followed, with nothing of the account", () =>
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

  it.effect("that is relative stays where it was", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/a/1": to("../2") }, real)
      yield* get("https://store.test/a/1")
      assert.strictEqual(sent[1]?.url.href, "https://store.test/2")
    })
  )

  it.effect("to http is refused", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("http://store.test/1") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 1)
    })
  )

  it.effect("from a real horde's store into this machine is refused", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("http://127.0.0.1:8080/admin") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Insecure")
      assert.lengthOf(sent, 1)
    })
  )

  it.effect("without end is given up after five", () =>
    Effect.gen(function* () {
      const { get, sent } = over({ "https://store.test/1": to("https://store.test/1") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Unavailable")
      assert.lengthOf(sent, 6)
    })
  )
})

describe("a size limit", () => {
  const big = (length: number): Answer => ({ status: 200, body: webp.padEnd(length, "x") })

  it.effect("holds for links, whatever their headers say", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1"
      const lying = { ...big(101), headers: { "content-length": "20" } }
      const told = { ...big(50), headers: { "content-length": "1000" } }
      for (const answer of [big(101), lying, told]) {
        const { get } = over({ [link]: answer }, real, { maxBytes: 100 })
        assert.strictEqual((yield* Effect.flip(get(link))).reason, "TooLarge")
      }
      const { get } = over({ [link]: big(100) }, real, { maxBytes: 100 })
      assert.lengthOf((yield* get(link)).bytes, 100)
    })
  )

  it.effect("holds for base64", () =>
    Effect.gen(function* () {
      const { get } = over({}, real, { maxBytes: 100 })
      const encode = (length: number) => btoa(webp.padEnd(length, "x"))
      assert.lengthOf((yield* get(encode(100))).bytes, 100)
      assert.strictEqual((yield* Effect.flip(get(encode(101)))).reason, "TooLarge")
      assert.strictEqual((yield* Effect.flip(get(encode(1000)))).reason, "TooLarge")
    })
  )

  it.effect("of 64 MiB stands where none is given", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1"
      const told = { ...image, headers: { "content-length": String(64 * 1024 * 1024 + 1) } }
      const { get } = over({ [link]: told }, real)
      assert.strictEqual((yield* Effect.flip(get(link))).reason, "TooLarge")
    })
  )
})

describe("the length of what comes", () => {
  const link = "https://store.test/1"
  const of = (body: string, headers: Answer["headers"] = {}) => over({ [link]: { status: 200, headers, body } }, real)

  for (const [title, told] of [
    ["shorter", webp.length + 1],
    ["longer", webp.length - 1]
  ] as const) {
    it.effect(`is held against its header: ${title} is broken, and tried again`, () =>
      Effect.gen(function* () {
        const { get, sent } = of(webp, { "content-length": String(told) })
        assert.strictEqual((yield* runToEnd(Effect.flip(get(link)))).reason, "Transport")
        assert.isAbove(sent.length, 3)
      })
    )
  }

  it.effect("may be told, not told, or told of what was compressed", () =>
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

  it.effect("is held against what the image itself says, whatever the header tells", () =>
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

describe("the type of what comes", () => {
  it.effect("is what the bytes say, whatever the header does", () =>
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

describe("an invalid link", () => {
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
    it.effect(`is refused before anything is sent: ${JSON.stringify(link)}`, () =>
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
    it.effect(`is sent as URLs are encoded where it can be: ${JSON.stringify(link)}`, () =>
      Effect.gen(function* () {
        const { get, sent } = over({}, real)
        yield* get(link)
        assert.lengthOf(sent, 1)
      })
    )
  }

  it.effect("in a redirect is Unavailable", () =>
    Effect.gen(function* () {
      const { get } = over({ "https://store.test/1": to("https://") }, real)
      assert.strictEqual((yield* Effect.flip(get("https://store.test/1"))).reason, "Unavailable")
    })
  )
})

describe("a failed download", () => {
  it.effect("does not name the link, which opens to anyone", () =>
    Effect.gen(function* () {
      const link = "https://store.test/1.webp?signature=secret"
      const { get } = over({ [link]: { status: 403 } }, real)
      const error = yield* Effect.flip(get(link))
      assert.notInclude(JSON.stringify(error) + String(error), "secret")
    })
  )
})
