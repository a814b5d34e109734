/**
 * Submits three jobs and waits. Ctrl-C cancels them, and the program prints their status on the server as proof. Without
 * a terminal, the program interrupts itself.
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

/** A cancel does not stop a worker that has begun: such a job still counts as processing after its cancel. */
const outcome = (status: Job.RequestStatusCheck) =>
  status.waiting > 0
    ? `not cancelled (${counts(status)})`
    : status.processing > 0
      ? `cancelled (${counts(status)}: a worker had begun, and its picture will be discarded)`
      : `cancelled (${counts(status)})`

/** Waits for Ctrl-C; without a terminal, interrupts the program. */
const interruption = process.stdin.isTTY
  ? Console.log("\nPress Ctrl-C to cancel.").pipe(Effect.zipRight(Effect.never))
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
    yield* Console.log("Status on the server before:")
    yield* Effect.forEach(yield* Effect.forEach(ids, (id) => ImageGeneration.check(id)), print(counts))
    const results = Effect.forEach(jobs, (job) => job.result, { concurrency: "unbounded" })
    yield* Effect.raceFirst(results, interruption)
    yield* Console.log("All three were drawn before an interruption.")
  })

  // closing the scope cancels unfinished jobs, on Ctrl-C as on any other exit
  yield* draw.pipe(
    Effect.scoped,
    Effect.onInterrupt(() =>
      Console.log(
        ids.length > 0 ? "\nInterrupted. Status on the server after:" : "\nInterrupted, before the horde had a job."
      ).pipe(
        // not `check`: its reply may be cached for up to a second, from before the cancel
        Effect.zipRight(Effect.forEach(ids, (id) => ImageGeneration.status(id))),
        Effect.flatMap((all) => Effect.forEach(all, print(outcome))),
        Effect.orDie
      )
    )
  )
})

program.pipe(Effect.provide(Here.layer({ takes: "60 seconds" })), NodeRuntime.runMain)
