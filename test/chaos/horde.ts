/** An embedded horde in a process of its own, by the fast clock: it outlives the programs that are killed. */
import { NodeRuntime } from "@effect/platform-node"
import { Faults, HordeServer } from "@effect-horde/server"
import { Effect } from "effect"
import { fastClock } from "./fastClock.js"

const [origin = 0, seed = 0, takes = 0] = process.argv.slice(2).map(Number)

/** Slow enough for programs to be killed at every stage, with an occasional lost reply to a submit. */
const faults = [
  Faults.latency("1500 millis", { probability: 0.3, seed, where: ({ method }) => method !== "DELETE" }),
  Faults.reset("after", { method: "POST", probability: 0.1, seed: seed + 1 })
]

const program = Effect.gen(function* () {
  const server = yield* HordeServer.HordeServer
  yield* server.faults.script(...faults)
  yield* Effect.sync(() => process.stdout.write(`${server.url}\n`))
  return yield* Effect.never
})

program.pipe(
  Effect.provide(HordeServer.layer({ port: 0, seed, worker: { takes }, textWorker: { takes } })),
  Effect.withClock(fastClock(origin)),
  NodeRuntime.runMain
)
