/**
 * A test double for one endpoint. The program below asks two endpoints; one is replaced, the other stays as it is, and
 * the compiler knows which is which.
 *
 * Run with: npm run example -- swap-an-endpoint
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { ImageGeneration, Status } from "effect-horde"
import * as Here from "./support/horde.js"

/** What the program under test needs stands in its type: `ImageGeneration.Price | Status.Heartbeat`. */
const offer = Effect.gen(function* () {
  const { version } = yield* Status.heartbeat
  const { kudos } = yield* ImageGeneration.price({ prompt: "a portrait of a cat" })
  return `horde ${version} draws it for ${kudos} kudos`
})

/** A price that no horde would ask. */
const PriceOfGold = Layer.succeed(ImageGeneration.Price, () => Effect.succeed({ kudos: 1_000_000 }))

const program = Effect.gen(function* () {
  yield* Console.log(`as it is:          ${yield* offer}`)
  yield* Console.log(`one end replaced:  ${yield* Effect.provide(offer, PriceOfGold)}`)
})

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
