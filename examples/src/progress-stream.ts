/**
 * Four pictures of one job, each saved as soon as its worker delivers it.
 *
 * Run with: npm run example -- progress-stream
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"
import { save } from "./support/save.js"

const request = ImageGeneration.makeRequest({ prompt: "a tree through the seasons", count: 4, size: [512, 512] })

/** Prints a text unless it was printed last. */
let printed = ""
const printChange = (text: string) =>
  Effect.suspend(() => {
    if (text === printed) return Effect.void
    printed = text
    return Console.log(text)
  })

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)

  yield* ImageGeneration.progress(request, { results: "as they arrive" }).pipe(
    Stream.runForEach((event) => {
      switch (event._tag) {
        case "Submitted":
          return Console.log("submitted: four pictures")
        case "Checked":
          return printChange(
            `  waiting ${event.check.waiting}, being drawn ${event.check.processing}, finished ${event.check.finished}`
          )
        case "Arrived":
          return Effect.flatMap(save(event.result), (file) => Console.log(`arrived: ${file}`))
        case "Finished":
          return Console.log(`finished: ${event.results.length} pictures`)
      }
    })
  )
})

program.pipe(Effect.provide([Here.layer({ takes: "4 seconds" }), NodeContext.layer]), NodeRuntime.runMain)
