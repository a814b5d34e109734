/** A program in a process of its own, to be killed. It gets its orders as its one argument, and prints events. */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Clock, Effect, Layer, Logger, LogLevel } from "effect"
import { fastClock } from "./fastClock.js"
import type { Event, Task } from "./ledger.js"
import { none } from "./mutations.js"
import { cleanUp, type Place, recovery, stack, work } from "./program.js"

export interface Orders extends Pick<Place, "program" | "baseUrl" | "account" | "policy" | "journal" | "pictures"> {
  readonly origin: number
  readonly tasks: ReadonlyArray<Task>
  /** Whether it recovers all entries and then ends. Other programs stay until they are killed. */
  readonly isLast: boolean
}

const orders: Orders = JSON.parse(process.argv[2] ?? "")

const tell = (event: Event): void => void process.stdout.write(`${JSON.stringify(event)}\n`)

const program = Effect.gen(function* () {
  const fileSystem = yield* FileSystem.FileSystem
  const place: Place = { ...orders, lease: "20 seconds", fileSystem, mutation: none, isDead: () => false, tell }
  tell({ type: "started", program: orders.program, at: yield* Clock.currentTimeMillis })
  const life = orders.isLast
    ? cleanUp(place)
    : Effect.zipRight(work(place, orders.tasks), Effect.never).pipe(Effect.provide(recovery(place)))
  yield* Effect.provide(life, stack(place))
})

const quiet = Layer.merge(Logger.remove(Logger.defaultLogger), Logger.minimumLogLevel(LogLevel.None))

program.pipe(
  Effect.provide([NodeContext.layer, FetchHttpClient.layer, quiet]),
  Effect.withClock(fastClock(orders.origin)),
  NodeRuntime.runMain
)
