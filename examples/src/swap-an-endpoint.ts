/**
 * A test double for one endpoint. The program below calls two endpoints; one is replaced, the other is not, and the types
 * show which.
 *
 * Run with: npm run example -- swap-an-endpoint
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { ImageGeneration, Status } from "effect-horde"
import * as Here from "./support/horde.js"

/** The type of the program under test lists its requirements: `ImageGeneration.Price | Status.Heartbeat`. */
const offer = Effect.gen(function* () {
  const { version } = yield* Status.heartbeat
  const { kudos } = yield* ImageGeneration.price({ prompt: "a portrait of a cat" })
  return `horde ${version} draws it for ${kudos} kudos`
})

/** A price that no real horde returns. */
const HighPrice = Layer.succeed(ImageGeneration.Price, () => Effect.succeed({ kudos: 1_000_000 }))

const program = Effect.gen(function* () {
  yield* Console.log(`both real:         ${yield* offer}`)
  yield* Console.log(`price replaced:    ${yield* Effect.provide(offer, HighPrice)}`)
})

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
