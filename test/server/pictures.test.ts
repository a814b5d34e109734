import { createHash } from "node:crypto"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Accounts, HordeServer } from "@effect-horde/server"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { call, status } from "./raw.js"

const embedded = Effect.provide(HordeServer.layerClient())

const draw = (prompt: string, seed: string, width: number, height: number, r2: boolean) =>
  Effect.gen(function* () {
    const answer = yield* call("POST", "/v2/generate/async", {
      key: Accounts.plainKey,
      body: { prompt, r2, params: { seed, width, height, steps: 8 } }
    })
    yield* TestClock.adjust("5 seconds")
    const [generation] = (yield* status(answer.body["id"]))["generations"]
    assert.strictEqual(generation.seed, seed)
    return generation.img as string
  })

const download = (url: string) =>
  Effect.flatMap(HttpClient.get(url), (response) =>
    Effect.map(response.arrayBuffer, (buffer) => ({ response, bytes: new Uint8Array(buffer) }))
  )

/** Width and height of a lossy WebP, from the header of its frame. */
const sizeOf = (bytes: Uint8Array): ReadonlyArray<number> => {
  const view = Buffer.from(bytes)
  const frame = view.indexOf(Buffer.from([0x9d, 0x01, 0x2a]))
  return [view.readUInt16LE(frame + 3) & 0x3fff, view.readUInt16LE(frame + 5) & 0x3fff]
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

describe("pictures", () => {
  it.effect("pictures are WebP of the requested size, at a link without an API key", () =>
    Effect.gen(function* () {
      const { bytes, response } = yield* download(yield* draw("a bay", "42", 320, 192, true))
      assert.strictEqual(response.status, 200)
      assert.include(response.headers, { "content-type": "image/webp", "access-control-allow-origin": "*" })
      assert.strictEqual(Buffer.from(bytes.subarray(0, 4)).toString(), "RIFF")
      assert.strictEqual(Buffer.from(bytes.subarray(8, 12)).toString(), "WEBP")
      assert.deepStrictEqual(sizeOf(bytes), [320, 192])
    }).pipe(embedded)
  )

  it.effect("pictures depend on prompt, seed and size alone", () => {
    // A new server for each, so that none has the other's bytes in a cache.
    const base64 = (prompt: string, seed: string, width: number) =>
      draw(prompt, seed, width, 128, false).pipe(
        Effect.map((img) => digest(Buffer.from(img, "base64"))),
        embedded
      )
    return Effect.gen(function* () {
      const all = yield* Effect.all([
        base64("a bay", "42", 128),
        base64("a bay", "43", 128),
        base64("a hill", "42", 128),
        base64("a bay", "42", 192)
      ])
      assert.strictEqual(new Set(all).size, 4)
      assert.strictEqual(yield* base64("a bay", "42", 128), all[0])
      const link = yield* Effect.flatMap(draw("a bay", "42", 128, 128, true), download).pipe(embedded)
      assert.strictEqual(digest(link.bytes), all[0])
    })
  })

  it.effect("a picture's link works for half an hour after the reply that returned it", () =>
    Effect.gen(function* () {
      const url = yield* draw("a bay", "42", 64, 64, true)
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual((yield* download(url)).response.status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* download(url)).response.status, 403)
      assert.strictEqual((yield* download(url.replace(/expires=\d+/, "expires=99999999999999"))).response.status, 403)
    }).pipe(embedded)
  )
})
