/**
 * Draws a picture and saves it: submit, poll, fetch.
 *
 * Run with: npm run example -- generate-image ["what to draw"]
 */

import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Option, Stream } from "effect"
import { ImageGeneration, type Job } from "effect-horde"
import * as Here from "./support/horde.js"
import * as Line from "./support/line.js"
import { save } from "./support/save.js"

const words = process.argv.slice(2).join(" ")
const prompt = words === "" ? "a lighthouse on a cliff at dusk, oil painting" : words

const describe = (check: Job.RequestStatusCheck) => {
  if (check.processing > 0) return `a worker is drawing it, about ${check.wait_time} s to go`
  if (check.finished > 0) return "done"
  return check.queue_position > 0 ? `waiting, number ${check.queue_position} in the queue` : "waiting for a worker"
}

const program = Effect.gen(function* () {
  yield* Console.log(`Drawing "${prompt}"`)
  yield* Console.log(`on ${yield* Here.whereabouts}\n`)

  const request = ImageGeneration.makeRequest({
    prompt,
    negativePrompt: "people, text",
    size: [512, 512],
    steps: 20
  })

  const pictures = yield* ImageGeneration.progress(request).pipe(
    Stream.tap((event) => {
      switch (event._tag) {
        case "Submitted":
          return Line.show("the horde accepted the request")
        case "Checked":
          return Line.show(describe(event.check))
        default:
          return Effect.void
      }
    }),
    Stream.runLast,
    Effect.map((last) => (Option.isSome(last) && last.value._tag === "Finished" ? last.value.results : []))
  )

  yield* Line.end
  for (const picture of pictures) {
    const file = yield* save(picture)
    const by = `${picture.model} on worker "${picture.workerName}", seed ${picture.seed}`
    yield* Console.log(`${picture.bytes.length} bytes of ${picture.mediaType}, by ${by}\n\nOpen it: ${file}`)
  }
})

program.pipe(Effect.provide([Here.layer(), NodeContext.layer]), NodeRuntime.runMain)
