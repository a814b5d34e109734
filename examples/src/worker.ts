/**
 * A horde without workers listens on a port, a client requests a picture, and a worker of this program draws it.
 *
 * Run with: npm run example -- worker ["what to draw"]
 */
import { join } from "node:path"
import { FetchHttpClient } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Accounts, HordeServer } from "@effect-horde/server"
import { Console, Duration, Effect, Layer, Redacted } from "effect"
import { Horde, ImageGeneration, Worker } from "effect-horde"
import { encodePng } from "./support/png.js"

const words = process.argv.slice(2).join(" ")
const prompt = words === "" ? "the sky in the evening" : words

/** Not a model, but the same prompt and seed give the same picture. */
const draw = ({ payload, seed }: Worker.ImageJob) =>
  Effect.gen(function* () {
    const { height = 512, prompt = "", width = 512 } = payload
    yield* Console.log(`worker: drawing "${prompt}" (${width} × ${height}, seed ${seed})`)
    yield* Effect.sleep("1 second")
    const hue = (seed + prompt.length) % 128
    return encodePng(width, height, (x, y) => [hue + (127 * y) / height, (160 * x) / width, 255 - (200 * y) / height])
  })

const describe = (event: Worker.Event) => {
  switch (event._tag) {
    case "Popped":
      return `${event.ids.length} job for ${event.model}, to be delivered within ${event.ttl} s`
    case "Submitted":
      return `delivered for ${event.kudos} kudos`
    case "Faulted":
      return `returned to the horde: ${event.reason}, ${event.message}`
    case "Idle":
      return `no job; asking again in ${Duration.format(event.pause)}`
    case "Refused":
      return `refused: ${event.error.message}`
  }
}

const worker = Worker.runImage({
  name: "the worker of this example",
  models: ["stable_diffusion"],
  bridge_agent: "AI Horde Worker reGen:9.0.1-example:https://example.org",
  generate: draw,
  onEvent: (event) => Console.log(`worker: ${describe(event)}`)
})

const client = Effect.gen(function* () {
  yield* Effect.sleep("2 seconds")
  yield* Console.log(`client: requesting "${prompt}"`)
  const job = yield* ImageGeneration.submit(ImageGeneration.makeRequest({ prompt, size: [512, 512] }))
  const pictures = yield* ImageGeneration.save(job, { directory: join("examples", "output") })
  for (const { path, workerName } of pictures) {
    yield* Console.log(`client: a picture by "${workerName}"\n\nOpen it: ${path}`)
  }
}).pipe(Effect.scoped)

const program = Effect.gen(function* () {
  const { url } = yield* HordeServer.HordeServer
  yield* Console.log(`A horde without workers listens at ${url}\n`)
  /** The client and the worker are two accounts, each with a connection of its own. */
  const connection = (key: string) =>
    Horde.layerAll({ baseUrl: url, apiKey: Redacted.make(key) }).pipe(Layer.provideMerge(FetchHttpClient.layer))
  yield* Effect.raceFirst(
    Effect.provide(client, connection(Accounts.plainKey)),
    Effect.provide(worker, connection(Accounts.workerKey))
  )
})

program.pipe(Effect.provide([HordeServer.layer({ port: 0, worker: false }), NodeContext.layer]), NodeRuntime.runMain)
