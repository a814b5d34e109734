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

/** The lease is how long an owner has to be silent before his jobs are taken over: 10 seconds unless told otherwise. */
const HordeLayer = Horde.layerWithJournalConfig().pipe(
  Layer.provide([FileJournal.layer({ directory: Stage.journal, lease: "3 seconds" }), FetchHttpClient.layer]),
  Layer.provideMerge(NodeContext.layer)
)

const submit = ImageGeneration.submit(
  ImageGeneration.makeRequest({ prompt: "a lighthouse in a storm, oil painting", size: [512, 512], steps: 20 })
)

/** The program, the same in both runs: what is left of an earlier one goes first. */
const program = Effect.gen(function* () {
  yield* Console.log(
    "looking into the journal (3 seconds, if there is another owner: his silence for so long means that he is dead)"
  )
  const { resumed } = yield* Recovery.recover({ kinds: Horde.kinds, policy: "resume" })
  yield* Console.log(resumed.length > 0 ? "a job of an earlier run: I go on with it" : "nothing there: a new job")

  const jobs: ReadonlyArray<ImageGeneration.ImageJob> =
    resumed.length > 0 ? yield* Effect.forEach(resumed, (ticket) => ImageGeneration.resume(ticket)) : [yield* submit]

  yield* Console.log("the horde has the job, and I wait for the picture")
  for (const job of jobs) {
    const saved = yield* ImageGeneration.save(job, { directory: "examples/output" })
    for (const { byteLength, path } of saved) yield* Console.log(`${byteLength} bytes. Open it: ${path}`)
  }
}).pipe(Effect.scoped)

/** What befalls it. */
const story = Effect.gen(function* () {
  const { start, verdict } = yield* Stage.Stage
  const first = yield* start("first run")
  yield* first.says("the horde has the job")
  yield* Effect.sleep("1 second")
  yield* first.kill
  yield* Console.log(
    "\nkill -9, in the middle of it: it could not cancel, nor write anything down. It is started again.\n"
  )
  const second = yield* start("second run")
  yield* second.ended
  yield* verdict
})

if (Stage.part === undefined) NodeRuntime.runMain(Effect.provide(Stage.play(story), Stage.layer("5 seconds")))
else program.pipe(Effect.provide(HordeLayer), NodeRuntime.runMain)
