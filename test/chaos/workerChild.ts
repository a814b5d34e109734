/** A worker in a process of its own, to be killed. It gets its orders as its one argument, and prints events. */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Layer, Logger, LogLevel } from "effect"
import { fastClock } from "./fastClock.js"
import type { Event } from "./ledger.js"
import { none } from "./mutations.js"
import type { WorkerProgram } from "./scenario.js"
import { returnAll, runWorker, type WorkerPlace, workerRecovery, workerStack } from "./worker.js"
import type { WorkerEvent } from "./workerLedger.js"

export interface WorkerOrders extends Pick<WorkerPlace, "baseUrl" | "journal"> {
  readonly origin: number
  readonly worker: Omit<WorkerProgram, "end" | "startsAt">
  /** Whether it returns all jobs that others have left, and then ends. */
  readonly isLast: boolean
}

const orders: WorkerOrders = JSON.parse(process.argv[2] ?? "")

const tell = (event: Event | WorkerEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`)

const program = Effect.gen(function* () {
  const { isLast, worker } = orders
  const fileSystem = yield* FileSystem.FileSystem
  const place: WorkerPlace = {
    ...orders,
    program: worker.name,
    lease: "20 seconds",
    fileSystem,
    mutation: none,
    isDead: () => false,
    tell
  }
  tell({ type: "started", program: worker.name, at: yield* Clock.currentTimeMillis })
  const life = Effect.if(isLast, {
    onTrue: () => Effect.asVoid(returnAll),
    onFalse: () => Effect.provide(runWorker(worker, Effect.never), workerRecovery)
  })
  yield* Effect.provide(life, workerStack(place))
})

const quiet = Layer.merge(Logger.remove(Logger.defaultLogger), Logger.minimumLogLevel(LogLevel.None))

program.pipe(
  Effect.provide([NodeContext.layer, FetchHttpClient.layer, quiet]),
  Effect.withClock(fastClock(orders.origin)),
  NodeRuntime.runMain
)
