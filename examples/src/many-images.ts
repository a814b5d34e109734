/**
 * Twenty jobs, four at a time. Some fail, and their finished pictures are kept.
 *
 * Run with: npm run example -- many-images
 */

import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Faults } from "@effect-horde/server"
import { Console, Effect } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"

const prompts = Array.from({ length: 20 }, (_, index) => `lantern number ${index + 1}`)

/** Scripted faults of the embedded horde: workers fail on some jobs. */
const faults = [Faults.failAttempts(4, "lantern number 7"), Faults.failAttempts(3, "lantern number 13")]

const draw = (prompt: string) =>
  ImageGeneration.generate(ImageGeneration.makeRequest({ prompt, count: 2, size: [256, 256] })).pipe(
    Effect.tap(() => Console.log(`done     ${prompt}`)),
    Effect.map((pictures) => ({ prompt, pictures, ended: "done" })),
    Effect.catchAll((error) => {
      const pictures = "partial" in error ? error.partial : []
      return Effect.as(Console.log(`${error._tag} ${prompt}, ${pictures.length} of 2 kept: ${error.message}`), {
        prompt,
        pictures,
        ended: error._tag
      })
    })
  )

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\n`)
  const results = yield* Effect.forEach(prompts, draw, { concurrency: 4 })
  const pictures = results.flatMap(({ pictures }) => pictures)
  const failed = results.filter(({ ended }) => ended !== "done")
  yield* Console.log(`\n${pictures.length} pictures; ${failed.length} jobs did not give all of theirs`)
})

program.pipe(Effect.provide(Here.layer({ takes: "400 millis" }, faults)), NodeRuntime.runMain)
