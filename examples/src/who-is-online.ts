/**
 * The models that workers serve, with their queues, and the workers that are online.
 *
 * Run with: npm run example -- who-is-online
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { Status, Workers } from "effect-horde"
import * as Here from "./support/horde.js"
import { type Row, table } from "./support/table.js"

const maxRows = 10

/** Prints the rows with the most threads. */
const print = (title: string, rows: ReadonlyArray<Row>) => {
  const most = [...rows].sort((one, other) => Number(other["threads"]) - Number(one["threads"])).slice(0, maxRows)
  const rest = rows.length > maxRows ? `\n  and ${rows.length - maxRows} more` : ""
  return Console.log(`\n${title}:\n${rows.length === 0 ? "  none" : table(most)}${rest}`)
}

const modelRow = ({ count = 0, eta = 0, jobs = 0, name }: Status.ActiveModel): Row => ({
  model: name,
  threads: count,
  waiting: jobs,
  "seconds to go": eta
})

const workerRow = ({ models = [], name, performance = "", threads = 0, type = "" }: Workers.WorkerDetails): Row => ({
  worker: name,
  kind: type,
  threads,
  models: models.length,
  speed: performance
})

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}`)
  const [{ version = "?" }, images, texts, workers] = yield* Effect.all(
    [
      Status.heartbeat,
      Status.models({ type: "image", min_count: 1 }),
      Status.models({ type: "text", min_count: 1 }),
      Workers.list()
    ],
    { concurrency: "unbounded" }
  )
  yield* print("Models for images", images.map(modelRow))
  yield* print("Models for texts", texts.map(modelRow))
  yield* print("Workers", workers.map(workerRow))
  const threads = workers.reduce((sum, { threads = 0 }) => sum + threads, 0)
  yield* Console.log(`\n${workers.length} workers with ${threads} threads serve this horde (version ${version})`)
})

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
