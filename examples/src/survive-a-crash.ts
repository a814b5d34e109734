/**
 * A program is killed in the middle of a job (`kill -9`), is started again, finds the job in its journal, and gets the
 * picture: one submit, one picture, nothing left running.
 *
 * Run with: npm run example -- survive-a-crash
 */
import { FetchHttpClient } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { FileJournal, Horde, ImageGeneration, Recovery } from "effect-horde"
import * as Stage from "./support/stage.js"

/** An owner that sends no heartbeat for a lease (10 seconds by default) is dead, and its jobs are taken over. */
const HordeLayer = Horde.layerWithJournalConfig().pipe(
  Layer.provide([FileJournal.layer({ directory: Stage.journal, lease: "3 seconds" }), FetchHttpClient.layer]),
  Layer.provideMerge(NodeContext.layer)
)

const submit = ImageGeneration.submit(
  ImageGeneration.makeRequest({ prompt: "a lighthouse in a storm, oil painting", size: [512, 512], steps: 20 })
)

/** The program, the same in both runs: it resumes the jobs of an earlier run, or submits a new one. */
const program = Effect.gen(function* () {
  yield* Console.log("reading the journal (an owner without a heartbeat for 3 seconds is dead)")
  const { resumed } = yield* Recovery.recover({ kinds: [ImageGeneration.kind], policy: "resume" })
  yield* Console.log(
    resumed.length > 0 ? "found a job of an earlier run: resuming it" : "no job found: submitting a new one"
  )

  const jobs: ReadonlyArray<ImageGeneration.ImageJob> =
    resumed.length > 0 ? yield* Effect.forEach(resumed, (ticket) => ImageGeneration.resume(ticket)) : [yield* submit]

  yield* Console.log("the horde has the job; waiting for the picture")
  for (const job of jobs) {
    const saved = yield* ImageGeneration.save(job, { directory: "examples/output" })
    for (const { byteLength, path } of saved) yield* Console.log(`${byteLength} bytes. Open it: ${path}`)
  }
}).pipe(Effect.scoped)

/** Kills the first run in the middle of its job, and starts a second one. */
const scenario = Effect.gen(function* () {
  const { start, verdict } = yield* Stage.Stage
  const first = yield* start("first run")
  yield* first.says("the horde has the job")
  yield* Effect.sleep("1 second")
  yield* first.kill
  yield* Console.log(
    "\nkill -9 in the middle of the job: the process could not cancel, nor write to the journal. It is started again.\n"
  )
  const second = yield* start("second run")
  yield* second.ended
  yield* verdict
})

if (Stage.part === undefined) NodeRuntime.runMain(Effect.provide(Stage.play(scenario), Stage.layer("5 seconds")))
else program.pipe(Effect.provide(HordeLayer), NodeRuntime.runMain)
