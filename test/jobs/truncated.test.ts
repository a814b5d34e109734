/** Only complete pictures are accepted: one that is truncated on its way, at its source or on the disk is an error. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Download from "effect-horde/Download"
import * as HordeClient from "effect-horde/HordeClient"
import * as RateLimit from "effect-horde/RateLimit"
import * as Retry from "effect-horde/Retry"
import { sniff } from "../../packages/horde/src/internal/image/sniff.js"
import { isWholeAvif, isWholeGif, isWholeJpeg, isWholePng } from "../../packages/horde/src/internal/image/wholeImage.js"
import { images } from "../support/images.js"
import { server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"

const link = "https://store.test/1"

/** Downloads a link; the test sets the retries. */
const download = (
  img: string,
  body: Uint8Array<ArrayBuffer>,
  options: Download.Options & { declared?: boolean } = {}
) => {
  const headers: Record<string, string> = options.declared === true ? { "content-length": String(body.length) } : {}
  const { layer } = server(() => ({ status: 200, headers, bytes: body }))
  const connection = Layer.orDie(HordeClient.layer({ baseUrl: "https://horde.test/api" }))
  const stack = Download.layer(options).pipe(
    Layer.provide(connection),
    Layer.provide([RateLimit.layerNone, Retry.layerNone]),
    Layer.provide(layer)
  )
  return Effect.flatMap(Download.Download, ({ image }) => image(img)).pipe(Effect.provide(stack))
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

const join = (...parts: ReadonlyArray<Uint8Array | ReadonlyArray<number> | string>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : [...part])))

/** Asserts that the bytes are complete, with trailing bytes too, and that no prefix of them is. */
const endsAtItsEnd = (isWhole: (bytes: Uint8Array) => boolean, whole: Uint8Array) => {
  assert.isTrue(isWhole(whole))
  assert.isTrue(isWhole(join(whole, [0])))
  assert.isTrue(isWhole(join(whole, "\xff\xd9IEND;more")))
  for (let length = 0; length < whole.length; length++) {
    assert.isFalse(isWhole(whole.subarray(0, length)), `${length} of ${whole.length} bytes`)
  }
}

describe("images of real encoders", () => {
  for (const [title, { bytes, mediaType }] of images()) {
    it(`an image is complete at its full length alone: ${title}`, () => {
      endsAtItsEnd((some) => sniff(some)?.isWhole === true, bytes)
      assert.strictEqual(sniff(bytes)?.mediaType, mediaType)
    })

    it.effect(`an image is downloaded completely or not at all: ${title}`, () =>
      Effect.gen(function* () {
        const whole = yield* Effect.all([
          download(link, bytes),
          download(link, join(bytes, "more"), { declared: true }),
          download(base64(bytes), bytes),
          download(`data:image/png;base64,${base64(bytes)}`, bytes)
        ])
        for (const one of whole) assert.strictEqual(one.mediaType, mediaType)
        assert.deepStrictEqual(new Uint8Array(whole[2].bytes), bytes)
        for (const length of [16, 100, bytes.length >> 1, bytes.length - 1]) {
          const cut = bytes.slice(0, Math.min(length, bytes.length - 1))
          const errors = yield* Effect.all(
            [
              download(link, cut, { retryWithin: 0 }),
              download(link, cut, { retryWithin: 0, declared: true }),
              download(base64(cut), cut),
              download(`data:image/png;base64,${base64(cut)}`, cut)
            ].map(Effect.flip)
          )
          for (const error of errors) {
            assert.deepInclude(error, { _tag: "DownloadFailed", reason: "Transport" }, `${length}`)
            assert.match(error.message, /truncated/)
            assert.isTrue(error.isRetryable)
          }
        }
      })
    )
  }

  it.effect("a truncated download is repeated", () =>
    Effect.gen(function* () {
      const bytes = images().get("a PNG")?.bytes ?? new Uint8Array()
      let fetches = 0
      const { layer } = server(() => ({ status: 200, bytes: ++fetches < 3 ? bytes.slice(0, 60) : bytes }))
      const stack = Download.layer().pipe(
        Layer.provide(Layer.orDie(HordeClient.layer({ baseUrl: "https://horde.test/api" }))),
        Layer.provide([RateLimit.layerNone, Retry.layerNone]),
        Layer.provide(layer)
      )
      const { image } = yield* Effect.provide(Download.Download, stack)
      assert.lengthOf((yield* runToEnd(image(link), "1 second")).bytes, bytes.length)
      assert.strictEqual(fetches, 3)
    })
  )
})

describe("WebP", () => {
  it("a WebP of 100 bytes whose header says 5,000 is truncated", () => {
    const head = join("RIFF", [0x80, 0x13, 0, 0], "WEBPVP8 ", new Uint8Array(84))
    assert.deepStrictEqual(sniff(head), { mediaType: "image/webp", isWhole: false })
    assert.isTrue(sniff(join(head, new Uint8Array(5000 - 100)))?.isWhole)
  })

  it("a WebP of an odd size is complete with and without its padding byte", () => {
    const odd = join("RIFF", [13, 0, 0, 0], "WEBPVP8 ", [1, 0, 0, 0], [7])
    assert.isTrue(sniff(odd)?.isWhole)
    assert.isTrue(sniff(join(odd, [0]))?.isWhole)
    assert.isFalse(sniff(odd.subarray(0, -1))?.isWhole)
  })

  it("the size of a WebP may exceed 31 bits", () => {
    assert.isFalse(sniff(join("RIFF", [0, 0, 0, 0x80], "WEBPVP8 ", new Uint8Array(100)))?.isWhole)
    assert.isFalse(sniff(join("RIFF", [0, 0, 1, 0], "WEBPVP8 ", new Uint8Array(100)))?.isWhole)
  })
})

describe("PNG", () => {
  const signature = "\x89PNG\r\n\x1a\n"
  const chunk = (type: string, data: string) => join([0, 0, data.length >> 8, data.length & 255], type, data, "crc!")
  const end = chunk("IEND", "")

  it("a PNG ends with its IEND chunk, not with one in its data", () => {
    const inner = chunk("IDAT", `x\0\0\0\0IEND\xae\x42\x60\x82${"y".repeat(300)}`)
    endsAtItsEnd(isWholePng, join(signature, chunk("IHDR", "0123456789abc"), inner, end))
  })

  it("a PNG with a chunk longer than the file is truncated", () => {
    assert.isFalse(isWholePng(join(signature, [0xff, 0xff, 0xff, 0xff], "IDAT", end)))
    assert.isFalse(isWholePng(join(signature, [0, 1, 0, 0], "IDAT", "crc!", end)))
  })
})

describe("JPEG", () => {
  const segment = (marker: number, data: ReadonlyArray<number> | Uint8Array | string) => {
    const bytes = join(data)
    return join([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255], bytes)
  }
  const start = [0xff, 0xd8]
  const end = [0xff, 0xd9]
  const coded = [1, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4, 0xff, 0xd7, 5]

  it("a JPEG does not end with the thumbnail in its EXIF data", () => {
    const thumbnail = join(start, segment(0xda, "x"), coded, end)
    const exif = segment(0xe1, join("Exif\0\0", thumbnail, "y".repeat(300)))
    endsAtItsEnd(isWholeJpeg, join(start, exif, segment(0xda, "x"), coded, end))
  })

  it("a JPEG may have several scans with tables between them", () => {
    const scan = join(segment(0xc4, "\xff\xd9"), segment(0xda, "\xff\xd9"), coded)
    endsAtItsEnd(isWholeJpeg, join(start, segment(0xc2, "x"), scan, scan, segment(0xdc, "\x00\x10"), scan, end))
  })

  it("a JPEG may have fill bytes before a marker", () => {
    endsAtItsEnd(isWholeJpeg, join(start, [0xff, 0xff], segment(0xda, "x"), coded, [0xff, 0xff, 0xff], end))
  })

  it("a JPEG may have a marker without a segment", () => {
    endsAtItsEnd(isWholeJpeg, join(start, [0xff, 0x01], segment(0xda, "x"), coded, end))
  })

  it("a JPEG with a segment shorter than its own length field is truncated", () => {
    assert.isFalse(isWholeJpeg(join(start, [0xff, 0xe0, 0, 1], end)))
    assert.isFalse(isWholeJpeg(join(start, [0xff, 0xe0, 0xff], end)))
    assert.isTrue(isWholeJpeg(join(start, [0xff, 0xe0, 0, 2], end)))
  })
})

describe("GIF", () => {
  const screen = (flags: number) => join("GIF89a", [1, 0, 1, 0, flags, 0, 0])
  const image = (flags: number, ...data: ReadonlyArray<ReadonlyArray<number>>) =>
    join([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, flags], new Uint8Array(flags === 0 ? 0 : 12).fill(0x3b), [2], ...data, [0])

  it("a GIF does not end with trailer bytes in its color tables and its data", () => {
    const table = new Uint8Array(6).fill(0x3b)
    const extension = join([0x21, 0xf9, 4, 0x3b, 0x3b, 0x3b, 0x3b, 0], [0x21, 0xfe, 2, 0x3b, 0x3b, 1, 0x3b, 0])
    const frames = join(image(0, [1, 0x3b]), extension, image(0x81, [2, 0x3b, 0], [1, 0]))
    endsAtItsEnd(isWholeGif, join(screen(0x80), table, extension, frames, ";"))
    endsAtItsEnd(isWholeGif, join(screen(0), frames, [0], frames, ";"))
  })

  it("a GIF with an unknown block is truncated", () => {
    assert.isFalse(isWholeGif(join(screen(0), [0x44], ";")))
  })
})

describe("AVIF", () => {
  const box = (type: string, data: string) => join([0, 0, 0, data.length + 8], type, data)
  const large = (type: string, data: string) => join([0, 0, 0, 1], type, [0, 0, 0, 0, 0, 0, 0, data.length + 16], data)
  const head = box("ftyp", "avif\0\0\0\0")
  const meta = box("meta", "\0\0\0\0description")
  const data = box("mdat", "0123456789")

  it("an AVIF may have its boxes in any order and with any form of size", () => {
    endsAtItsEnd(isWholeAvif, join(head, meta, data))
    endsAtItsEnd(isWholeAvif, join(head, data, box("free", "x"), meta))
    endsAtItsEnd(isWholeAvif, join(head, large("meta", "\0\0\0\0description"), large("mdat", "0123456789")))
  })

  it("an AVIF may have its data within its meta box", () => {
    const inner = box("idat", "0123456789")
    endsAtItsEnd(isWholeAvif, join(head, box("meta", Buffer.from(join("\0\0\0\0", inner)).toString("latin1"))))
  })

  it("an AVIF with several mdat boxes is complete with the last one", () => {
    const whole = join(head, meta, data, data)
    assert.isTrue(isWholeAvif(whole))
    assert.isFalse(isWholeAvif(whole.subarray(0, -1)))
  })

  it("an AVIF may leave the size of its last box open", () => {
    assert.isTrue(isWholeAvif(join(head, meta, [0, 0, 0, 0], "mdat", "0123456789")))
  })

  it("an AVIF with a box shorter than its header is truncated", () => {
    assert.isFalse(isWholeAvif(join(head, meta, [0, 0, 0, 7], "mdat", data)))
  })
})
