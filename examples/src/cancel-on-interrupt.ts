/**
 * Submits three jobs and waits. Press Ctrl-C: nothing stays behind on the server, and the server itself is asked to
 * prove it.
 *
 * Run with: npm run example -- cancel-on-interrupt
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { ImageGeneration, type JobModels } from "effect-horde"
import * as Here from "./support/horde.js"

const prompts = ["a fox in the snow", "a harbour in the morning", "a city from above"]

/** What the server says of the jobs, whoever asks. */
const serversView = (ids: ReadonlyArray<JobModels.GenerationRequestId>) =>
  Effect.forEach(ids, (id, index) =>
    Effect.flatMap(ImageGeneration.check(id), ({ done, processing, waiting }) =>
      Console.log(`  job ${index + 1}: waiting ${waiting}, processing ${processing}, done ${done}`)
    )
  )

const program = Effect.gen(function* () {
  const ids: Array<JobModels.GenerationRequestId> = []

  const draw = Effect.gen(function* () {
    yield* Console.log(`On ${yield* Here.whereabouts}\n`)
    const jobs = yield* Effect.forEach(prompts, (prompt) => ImageGeneration.submit({ prompt }))
    ids.push(...jobs.map(({ reply }) => reply.id))
    yield* Console.log("The server's view before:")
    yield* serversView(ids)
    yield* Console.log("\nPress Ctrl-C to change your mind.")
    yield* Effect.forEach(jobs, (job) => job.result, { concurrency: "unbounded" })
    yield* Console.log("All three were drawn before you did.")
  })

  // closing the scope cancels what is not over, on Ctrl-C as on any other way out
  yield* draw.pipe(
    Effect.scoped,
    Effect.onInterrupt(() =>
      Console.log("\nInterrupted. The server's view after:").pipe(
        Effect.zipRight(Effect.sleep("1100 millis")), // the server's answers to a check are up to a second old
        Effect.zipRight(serversView(ids)),
        Effect.zipRight(Console.log("No worker will take any more of them; one that is drawing is not called back.")),
        Effect.orDie
      )
    )
  )
})

program.pipe(Effect.provide(Here.layer({ takes: "60 seconds" })), NodeRuntime.runMain)
