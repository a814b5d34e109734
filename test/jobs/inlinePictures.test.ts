/** Pictures within a reply: all forms of base64, and `data:` URLs. */
import { afterEach, assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck, Layer } from "effect"
import * as Download from "effect-horde/Download"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { decodeBase64, encodeBase64 } from "../../packages/horde/src/internal/image/base64.js"
import { decodeDataUrl } from "../../packages/horde/src/internal/image/dataUrl.js"
import { server } from "../support/scripted.js"

const { layer, sent } = server(() => ({ status: 500 }))

const stack = Download.layer().pipe(
  Layer.provide(Layer.orDie(HordeClient.layer({ baseUrl: "https://horde.test/api" }))),
  Layer.provide([RateLimit.layerNone, Retry.layerNone]),
  Layer.provide(layer)
)

const image = (img: string) =>
  Effect.flatMap(Download.Download, (download) => download.image(img)).pipe(Effect.provide(stack))

/** A GIF whose base64 has padding and both characters that differ in base64url. */
const gif = new Uint8Array([...Buffer.from("GIF89a"), 1, 0, 1, 0, 0, 0, 0, 0x21, 0xfe, 3, 0xfb, 0xff, 0xbf, 0, 0x3b, 0])
const base64 = Buffer.from(gif).toString("base64")

const percent = Array.from(gif, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")

describe("pictures within replies", () => {
  it("the test picture has every special character of base64", () => {
    assert.match(base64, /\+.*\/.*=$|\/.*\+.*=$/)
  })

  const forms: ReadonlyArray<readonly [string, string]> = [
    ["base64", base64],
    ["base64url", base64.replaceAll("+", "-").replaceAll("/", "_")],
    ["base64 without padding", base64.replaceAll("=", "")],
    ["base64 in lines", base64.replace(/.{7}/g, "$&\r\n")],
    ["base64 in white space", ` \n\t${base64}\n `],
    ["base64 with white space in its padding", base64.replaceAll("=", " = ")],
    ["a data URL", `data:image/gif;base64,${base64}`],
    ["a data URL in capitals", `DATA:IMAGE/GIF;BASE64,${base64}`],
    ["a data URL of another type", `data:image/png;base64,${base64}`],
    ["a data URL without a type", `data:;base64,${base64}`],
    ["a data URL with parameters", `data:image/gif;charset=utf-8;name="a.gif"; base64,${base64}`],
    ["a data URL in base64url", `data:image/gif;base64,${base64.replaceAll("+", "-").replaceAll("/", "_")}`],
    ["a data URL with percent-encoded base64", `data:image/gif;base64,${encodeURIComponent(base64)}`],
    ["a data URL in lines", `data:image/gif;base64,\n${base64.replace(/.{7}/g, "$&\n")}`],
    ["a percent-encoded data URL", `data:image/gif,${percent}`]
  ]
  for (const [title, img] of forms) {
    it.effect(`a picture is read from ${title}`, () =>
      Effect.gen(function* () {
        const { bytes, mediaType } = yield* image(img)
        assert.strictEqual(mediaType, "image/gif")
        assert.deepStrictEqual(new Uint8Array(bytes), gif)
        assert.lengthOf(sent, 0)
      })
    )
  }

  const wrong: ReadonlyArray<readonly [string, string]> = [
    ["nothing", ""],
    ["white space", " \n"],
    ["other characters", "R0lGODlh!"],
    ["padding in the middle", `${base64.slice(0, 4)}=${base64.slice(4)}`],
    ["too much padding", `${base64.replaceAll("=", "")}===`],
    ["half a byte", `${base64.replaceAll("=", "")}AA`.slice(0, 29)],
    ["characters beyond ASCII", "R0lGODlhé"],
    ["a surrogate", "R0lGODlh\ud83d"],
    ["a data URL without data", "data:image/gif;base64"],
    ["an empty data URL", "data:,"],
    ["a data URL that is not base64", "data:image/gif;base64,!"],
    ["a data URL with half a percent sign", "data:image/gif;base64,R0lG%4"],
    ["60,000 spaces", `${" ".repeat(60_000)}!`],
    ["60,000 signs of padding", `${"=".repeat(60_000)}!`],
    ["60,000 lines in a data URL", `data:image/png;${" ".repeat(60_000)}base64;,${"\n".repeat(60_000)}!`]
  ]
  for (const [title, img] of wrong) {
    it.effect(`an image field with ${title} fails as NotAnImage`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* Effect.flip(image(img))).reason, "NotAnImage")
      })
    )
  }

  it.effect("a picture that the server reports as unavailable fails", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(image("N/A"))).reason, "Unavailable")
    })
  )
})

describe("base64 decoding", () => {
  const native = Object.getOwnPropertyDescriptor(Uint8Array, "fromBase64")
  const buffer = globalThis.Buffer

  afterEach(() => {
    globalThis.Buffer = buffer
    Reflect.deleteProperty(Uint8Array, "fromBase64")
    if (native !== undefined) Object.defineProperty(Uint8Array, "fromBase64", native)
  })

  /** The three ways in which platforms decode base64. */
  const platforms: ReadonlyArray<readonly [string, () => void]> = [
    ["Node", () => Reflect.deleteProperty(Uint8Array, "fromBase64")],
    [
      "an older browser",
      () => {
        Reflect.deleteProperty(Uint8Array, "fromBase64")
        Reflect.deleteProperty(globalThis, "Buffer")
      }
    ],
    [
      "a newer browser",
      () => {
        Object.defineProperty(Uint8Array, "fromBase64", {
          configurable: true,
          value: (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
        })
        Reflect.deleteProperty(globalThis, "Buffer")
      }
    ]
  ]
  for (const [title, setUp] of platforms) {
    it(`base64 is encoded and decoded alike by ${title}`, () => {
      const encode = (bytes: Uint8Array, form: "base64" | "base64url") => buffer.from(bytes).toString(form)
      setUp()
      FastCheck.assert(
        FastCheck.property(FastCheck.uint8Array({ maxLength: 50 }), (bytes) => {
          assert.strictEqual(encodeBase64(bytes), encode(bytes, "base64"))
          for (const form of ["base64", "base64url"] as const) {
            const decoded = decodeBase64(encode(bytes, form))
            assert.deepStrictEqual(Array.from(decoded ?? [-1]), Array.from(bytes))
          }
          const escaped = encodeURIComponent(encode(bytes, "base64"))
          assert.deepStrictEqual(Array.from(decodeDataUrl(`data:;base64,${escaped}`) ?? [-1]), Array.from(bytes))
        })
      )
      for (const text of ["A", "AAAAA", "A=", "A===", "A=AA", "AA=A", "!", "AAA\0"]) {
        assert.isUndefined(decodeBase64(text), text)
      }
      assert.isUndefined(decodeBase64(`${" ".repeat(60_000)}!`))
    })
  }

  it("base64 decoding never throws, whatever the text", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ maxLength: 60 }), (text) => {
        decodeBase64(text)
        decodeDataUrl(`data:${text}`)
        decodeDataUrl(`data:;base64,${text}`)
      })
    )
  })
})
