/**
 * Requests a heartbeat and a picture from a horde: an embedded one in this process or, with an address, that one by
 * `fetch`.
 */
import { FetchHttpClient } from "@effect/platform"
import { HordeServer } from "@effect-horde/server"
import { Effect, Layer } from "effect"
import { Horde, ImageGeneration, Status } from "effect-horde"

const [url] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const { message, version } = yield* Status.heartbeat
  if (message !== "OK" || version === undefined) throw new Error(`unexpected heartbeat: ${message}, ${version}`)
  const [picture] = yield* ImageGeneration.generate({
    prompt: "a lighthouse at dusk",
    params: { width: 64, height: 64, steps: 1 }
  })
  const text = new TextDecoder("latin1").decode(picture.bytes.subarray(0, 12))
  if (picture.mediaType !== "image/webp" || !/^RIFF.{4}WEBP$/s.test(text))
    throw new Error("the reply is not a WebP picture")
})

const worker = { takes: "10 millis", startsAfter: "10 millis" }
const http = url === undefined ? HordeServer.layerClient({ worker }) : FetchHttpClient.layer
const baseUrl = url ?? "http://127.0.0.1/api"

await Effect.runPromise(Effect.provide(program, Horde.layer({ baseUrl }).pipe(Layer.provide(http))))
