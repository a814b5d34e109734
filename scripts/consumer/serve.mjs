/** An embedded horde on a free port: prints its address, and listens until it is killed. */
import * as HordeServer from "@effect-horde/server/HordeServer"
import { Console, Effect, Layer } from "effect"

const printAddress = Layer.effectDiscard(Effect.flatMap(HordeServer.HordeServer, ({ url }) => Console.log(url)))
const worker = { takes: "10 millis", startsAfter: "10 millis" }

Effect.runFork(Layer.launch(Layer.provide(printAddress, HordeServer.layer({ port: 0, worker }))))
