/**
 * Two programs share a journal. One is killed in the middle of a job, the other one takes the job over, and the picture
 * is saved once.
 *
 * Run with: npm run example -- two-owners
 */
import { FetchHttpClient } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { FileJournal, Horde, ImageGeneration, type Job, Recovery } from "effect-horde"
import * as Stage from "./support/stage.js"

/** Both have the same lease: an owner that sends no heartbeat for that long is dead. */
const HordeLayer = Horde.layerWithJournalConfig().pipe(
  Layer.provide([FileJournal.layer({ directory: Stage.journal, lease: "3 seconds" }), FetchHttpClient.layer]),
  Layer.provideMerge(NodeContext.layer)
)

const save = (job: ImageGeneration.ImageJob) =>
  Effect.gen(function* () {
    const saved = yield* ImageGeneration.save(job, { directory: "examples/output" })
    for (const { byteLength, path } of saved) yield* Console.log(`saved ${byteLength} bytes. Open it: ${path}`)
  })

const resumeJob = (ticket: Job.Ticket) =>
  Console.log("its owner is dead: resuming the job").pipe(
    Effect.zipRight(ImageGeneration.resume(ticket)),
    Effect.flatMap(save),
    Effect.catchAll(({ _tag, message }) => Console.log(`${_tag}: ${message}`))
  )

/** Takes over the jobs of dead programs, for as long as this program runs. */
const TakeOver = Recovery.layer({
  kinds: [ImageGeneration.kind],
  policy: "resume",
  every: "1 second",
  onRecovered: ({ resumed }) => Effect.forEach(resumed, resumeJob, { concurrency: "unbounded", discard: true })
})

const draws = Effect.gen(function* () {
  const job = yield* ImageGeneration.submit(
    ImageGeneration.makeRequest({ prompt: "two herons at a pond, woodcut", size: [512, 512], steps: 20 })
  )
  yield* Console.log("the horde has the job; waiting for the picture")
  yield* save(job)
}).pipe(Effect.scoped)

const watches = Effect.zipRight(Console.log("no job of my own: waiting for jobs of dead programs"), Effect.never)

/** Kills the program that draws, and waits until the other one has saved the picture. */
const scenario = Effect.gen(function* () {
  const { start, verdict } = yield* Stage.Stage
  const [draws, watches] = yield* Effect.all([start("draws"), start("watches")], { concurrency: 2 })
  yield* Effect.all([draws.says("the horde has the job"), watches.says("no job of my own")])
  yield* Effect.sleep("1 second")
  yield* draws.kill
  yield* Console.log("\nkill -9 for the program that draws. The other one takes over after the lease of 3 seconds.\n")
  yield* watches.says("Open it: ")
  yield* watches.leave
  yield* verdict
})

if (Stage.part === undefined) NodeRuntime.runMain(Effect.provide(Stage.play(scenario), Stage.layer("5 seconds")))
else {
  const program = Stage.part === "draws" ? draws : watches
  program.pipe(Effect.provide(Layer.provideMerge(TakeOver, HordeLayer)), NodeRuntime.runMain)
}
