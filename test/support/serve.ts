/** An embedded horde in a process of its own: prints its address, and listens until it is killed. */

import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { HordeServer } from "@effect-horde/server"
import { Console, Duration, Effect, Layer } from "effect"

const takes = Duration.millis(Number(process.argv[2] ?? 1000))

Layer.effectDiscard(Effect.flatMap(HordeServer.HordeServer, ({ url }) => Console.log(url))).pipe(
  Layer.provide(HordeServer.layer({ port: 0, worker: { takes }, textWorker: { takes }, alchemyWorker: { takes } })),
  Layer.launch,
  NodeRuntime.runMain
)
