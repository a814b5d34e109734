/**
 * Draws a picture and saves it: submit, poll, download.
 *
 * Run with: npm run example -- generate-image ["what to draw"]
 */

import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"
import * as Line from "./support/line.js"

const words = process.argv.slice(2).join(" ")
const prompt = words === "" ? "a lighthouse on a cliff at dusk, oil painting" : words

const program = Effect.gen(function* () {
  yield* Console.log(`Drawing "${prompt}"`)
  yield* Console.log(`on ${yield* Here.whereabouts}\n`)

  const request = ImageGeneration.makeRequest({
    prompt,
    negativePrompt: "people, text",
    size: [512, 512],
    steps: 20
  })

  const job = yield* ImageGeneration.submit(request)
  yield* Line.show("the horde accepted the request")
  const pictures = yield* ImageGeneration.save(job, {
    directory: join("examples", "output"),
    onProgress: (event) =>
      event._tag === "Checked" ? Line.showState(event.check, "a worker is drawing it") : Effect.void
  })

  yield* Line.end
  for (const picture of pictures) {
    const by = `${picture.model} on worker "${picture.workerName}", seed ${picture.seed}`
    yield* Console.log(`${picture.byteLength} bytes of ${picture.mediaType}, by ${by}\n\nOpen it: ${picture.path}`)
  }
}).pipe(Effect.scoped)

program.pipe(Effect.provide([Here.layer(), NodeContext.layer]), NodeRuntime.runMain)
