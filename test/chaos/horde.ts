/** An embedded horde in a process of its own, by the fast clock: it outlives the programs that are killed. */
import { NodeRuntime } from "@effect/platform-node"
import { HordeServer } from "@effect-horde/server"
import { Effect } from "effect"
import { fastClock } from "./fastClock.js"
import { hordeFaults } from "./hordeFaults.js"

const [origin = 0, seed = 0, takes = 0] = process.argv.slice(2).map(Number)

/** Time for the workers of the run to take jobs. */
const startsAfter = "6 seconds"

const worker = { takes, startsAfter } as const

const program = Effect.gen(function* () {
  const server = yield* HordeServer.HordeServer
  yield* server.faults.script(...hordeFaults(seed))
  yield* Effect.sync(() => process.stdout.write(`${server.url}\n`))
  return yield* Effect.never
})

program.pipe(
  Effect.provide(HordeServer.layer({ port: 0, seed, worker, textWorker: worker, alchemyWorker: worker })),
  Effect.withClock(fastClock(origin)),
  NodeRuntime.runMain
)
