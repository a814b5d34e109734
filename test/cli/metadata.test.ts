/** Metadata in pictures: read back as written, and the pictures still decode to the same pixels. */
import { assert, describe, it } from "@effect/vitest"
import { createCanvas, loadImage } from "@napi-rs/canvas"
import { Effect, FastCheck, Option } from "effect"
import type { Generation } from "../../packages/cli/src/internal/metadata/generation.js"
import * as Metadata from "../../packages/cli/src/internal/metadata/picture.js"
import { forAll } from "../support/forAll.js"
import { images } from "../support/images.js"

const writable = [...images()].filter(([, { mediaType }]) => mediaType === "image/webp" || mediaType === "image/png")

/** Any text, with characters that XML does not allow, and lone surrogates. */
const text = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.string({ unit: "grapheme" }),
  FastCheck.array(FastCheck.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  FastCheck.constantFrom('" horde:generation="{}', "]]>&amp;&quot;", "<?xpacket end='w'?>", "\0\ud800\ufffe\n\t")
)

const number = FastCheck.integer({ min: 0, max: 4096 })

const generations: FastCheck.Arbitrary<Generation> = FastCheck.record(
  {
    prompt: text,
    negativePrompt: text,
    model: text,
    seed: text,
    width: number,
    height: number,
    steps: number,
    createdAt: text,
    software: text
  },
  { requiredKeys: [] }
)

const pixelsOf = (bytes: Uint8Array) =>
  Effect.promise(async () => {
    const image = await loadImage(Buffer.from(bytes))
    const canvas = createCanvas(image.width, image.height)
    const context = canvas.getContext("2d")
    context.drawImage(image, 0, 0)
    return Buffer.from(context.getImageData(0, 0, image.width, image.height).data)
  })

describe("metadata", () => {
  for (const [name, { bytes }] of writable) {
    it.effect(`of ${name} are read back as written, and the picture is the same`, () =>
      Effect.gen(function* () {
        const pixels = yield* pixelsOf(bytes)
        yield* forAll(FastCheck.tuple(generations, generations), ([first, second]) =>
          Effect.gen(function* () {
            const once = Metadata.write(bytes, first) ?? assert.fail("not written")
            assert.deepStrictEqual(Metadata.read(once), Option.some(first))
            // the second replaces the first
            const twice = Metadata.write(once, second) ?? assert.fail("not written")
            assert.deepStrictEqual(Metadata.read(twice), Option.some(second))
            assert.deepStrictEqual(twice, Metadata.write(bytes, second))
            assert.isTrue((yield* pixelsOf(twice)).equals(pixels))
          })
        )
      })
    )

    it.effect(`of ${name}: a file that is cut is not changed into something else`, () =>
      Effect.sync(() => {
        for (let length = 0; length < bytes.length; length++) {
          const cut = bytes.slice(0, length)
          assert.deepStrictEqual(Metadata.read(cut), Option.none())
          Metadata.write(cut, { prompt: "a fox" })
        }
      })
    )
  }

  for (const [name, { bytes, mediaType }] of images()) {
    if (mediaType === "image/webp" || mediaType === "image/png") continue
    it(`${name} has none`, () => {
      assert.isUndefined(Metadata.write(bytes, { prompt: "a fox" }))
      assert.deepStrictEqual(Metadata.read(bytes), Option.none())
    })
  }

  it.effect("random bytes have none", () =>
    forAll(FastCheck.uint8Array({ maxLength: 200 }), (bytes) =>
      Effect.sync(() => {
        for (const start of ["", "RIFF\x10\0\0\0WEBP", "\x89PNG\r\n\x1a\n"]) {
          const file = new Uint8Array([...Array.from(start, (character) => character.charCodeAt(0)), ...bytes])
          assert.deepStrictEqual(Metadata.read(file), Option.none())
          Metadata.write(file, { prompt: "a fox" })
        }
      })
    )
  )

  it.effect("the prompt is also the description that other programs show", () =>
    Effect.sync(() => {
      const { bytes } = images().get("a PNG") ?? assert.fail("no PNG")
      const file = Metadata.write(bytes, { prompt: "a <fox> & friends" }) ?? assert.fail("not written")
      const packet = new TextDecoder().decode(file)
      assert.include(packet, "XML:com.adobe.xmp")
      assert.include(packet, '<rdf:li xml:lang="x-default">a &lt;fox&gt; &amp; friends</rdf:li>')
    })
  )
})
