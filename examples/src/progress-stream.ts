/**
 * Four pictures of one job, each saved as soon as its worker delivers it.
 *
 * Run with: npm run example -- progress-stream
 */
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Option, Stream } from "effect"
import { ImageGeneration, ProgressLine } from "effect-horde"
import * as Here from "./support/horde.js"

const request = ImageGeneration.makeRequest({ prompt: "a tree through the seasons", count: 4, size: [512, 512] })

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)

  const job = yield* ImageGeneration.submit(request, { results: "as they arrive" })
  yield* Console.log("submitted: four pictures")

  // the stream and `save` share the polls and downloads of the job
  const printStates = job.progress.pipe(
    Stream.filterMap((event) => (event._tag === "Checked" ? Option.some(event.check) : Option.none())),
    Stream.map((check) => `  ${ProgressLine.make(check, { verb: "drawing", width: 60 })}`),
    Stream.changes,
    Stream.runForEach(Console.log)
  )
  const savePictures = ImageGeneration.save(job, {
    directory: join("examples", "output"),
    onProgress: (event) => (event._tag === "Saved" ? Console.log(`arrived: ${event.picture.path}`) : Effect.void)
  })

  const [, pictures] = yield* Effect.all([printStates, savePictures], { concurrency: "unbounded" })
  yield* Console.log(`finished: ${pictures.length} pictures`)
}).pipe(Effect.scoped)

program.pipe(Effect.provide([Here.layer({ takes: "4 seconds" }), NodeContext.layer]), NodeRuntime.runMain)
