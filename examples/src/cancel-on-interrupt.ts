/**
 * Submits three jobs and waits. Press Ctrl-C: nothing stays behind on the server, and the server itself is asked to
 * prove it. Where there is no terminal to press it in, the program interrupts itself.
 *
 * Run with: npm run example -- cancel-on-interrupt
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { ImageGeneration, type Job } from "effect-horde"
import * as Here from "./support/horde.js"

const prompts = ["a fox in the snow", "a harbour in the morning", "a city from above"]

const print =
  (describe: (status: Job.RequestStatusCheck) => string) => (status: Job.RequestStatusCheck, index: number) =>
    Console.log(`  job ${index + 1}: ${describe(status)}`)

const counts = ({ processing, waiting }: Job.RequestStatusCheck) => `waiting ${waiting}, processing ${processing}`

/** A worker that has begun is not called back: such a job still counts as processing when it is cancelled. */
const fate = (status: Job.RequestStatusCheck) =>
  status.waiting > 0
    ? `not cancelled (${counts(status)})`
    : status.processing > 0
      ? `cancelled (${counts(status)}: a worker had begun, and its picture will be thrown away)`
      : `cancelled (${counts(status)})`

/** Ctrl-C, where nobody can press it. */
const changeOfMind = process.stdin.isTTY
  ? Console.log("\nPress Ctrl-C to change your mind.").pipe(Effect.zipRight(Effect.never))
  : Console.log("\nThere is no terminal to press Ctrl-C in: the program interrupts itself in three seconds.").pipe(
      Effect.zipRight(Effect.sleep("3 seconds")),
      Effect.zipRight(Effect.interrupt)
    )

const program = Effect.gen(function* () {
  const ids: Array<Job.GenerationRequestId> = []

  const draw = Effect.gen(function* () {
    yield* Console.log(`On ${yield* Here.whereabouts}\n`)
    const jobs = yield* Effect.forEach(prompts, (prompt) =>
      Effect.tap(ImageGeneration.submit({ prompt }), ({ reply }) => Effect.sync(() => ids.push(reply.id)))
    )
    yield* Console.log("The server's view before:")
    yield* Effect.forEach(yield* Effect.forEach(ids, (id) => ImageGeneration.check(id)), print(counts))
    const results = Effect.forEach(jobs, (job) => job.result, { concurrency: "unbounded" })
    yield* Effect.raceFirst(results, changeOfMind)
    yield* Console.log("All three were drawn before you did.")
  })

  // closing the scope cancels what is not over, on Ctrl-C as on any other way out
  yield* draw.pipe(
    Effect.scoped,
    Effect.onInterrupt(() =>
      Console.log(
        ids.length > 0 ? "\nInterrupted. The server's view after:" : "\nInterrupted, before the horde had a job."
      ).pipe(
        // not `check`, which may answer with how a job was up to a second ago, before its cancel
        Effect.zipRight(Effect.forEach(ids, (id) => ImageGeneration.status(id))),
        Effect.flatMap((all) => Effect.forEach(all, print(fate))),
        Effect.orDie
      )
    )
  )
})

program.pipe(Effect.provide(Here.layer({ takes: "60 seconds" })), NodeRuntime.runMain)
