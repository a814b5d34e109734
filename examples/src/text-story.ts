/**
 * Three variants of a story, each printed as soon as its worker delivers it.
 *
 * Run with: npm run example -- text-story ["the beginning of the story"]
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { type Job, TextGeneration } from "effect-horde"
import * as Here from "./support/horde.js"
import * as Line from "./support/line.js"

const words = process.argv.slice(2).join(" ")
const prompt = words === "" ? "The lighthouse keeper opened the door and" : words

const request: TextGeneration.GenerationInputKobold = {
  prompt,
  params: { n: 3, max_length: 120, temperature: 0.8, stop_sequence: ["\n\n"] }
}

const describe = ({ finished, processing, queue_position, waiting }: Job.RequestStatusCheck) =>
  processing > 0 || waiting === 0
    ? `${finished} of 3 written`
    : `${finished} of 3 written, waiting for a worker${queue_position > 0 ? `, number ${queue_position} in the queue` : ""}`

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)
  const { kudos } = yield* TextGeneration.price(request)
  yield* Console.log(`Three texts for ${kudos} kudos`)

  let number = 0
  yield* Stream.runForEach(TextGeneration.progress(request, { results: "as they arrive" }), (event) =>
    Effect.gen(function* () {
      if (event._tag === "Submitted") yield* Line.show("the horde accepted the request")
      if (event._tag === "Checked") yield* Line.show(describe(event.check))
      if (event._tag === "Arrived") {
        const { model, seed, text, workerName } = event.result
        yield* Line.end
        yield* Console.log(`${++number}. by ${model} on worker "${workerName}", seed ${seed}\n\n${prompt}${text}`)
      }
    })
  )
  yield* Console.log(`\n${number} variants of one story`)
})

program.pipe(Effect.provide([Here.layer({ takes: "3 seconds" }), NodeContext.layer]), NodeRuntime.runMain)
