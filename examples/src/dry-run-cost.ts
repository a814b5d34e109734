/**
 * Asks for the price first, and spends no more than a budget: the size is reduced until the price fits.
 *
 * Run with: npm run example -- dry-run-cost [KUDOS]
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Effect } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"

const budget = Number(process.argv[2] ?? 15)
if (!(budget >= 0)) throw new Error(`the budget must be a number of kudos, not "${process.argv[2]}"`)

class TooExpensive extends Data.TaggedError("TooExpensive")<{ readonly price: number; readonly budget: number }> {}

/** Generates a picture if it costs no more than this many kudos. */
const generateWithin = (kudos: number, request: ImageGeneration.GenerationInputStable) =>
  Effect.gen(function* () {
    const price = yield* ImageGeneration.price(request)
    yield* Console.log(`${request.params?.width} × ${request.params?.height} costs ${price.kudos} kudos`)
    if (price.kudos > kudos) return yield* new TooExpensive({ price: price.kudos, budget: kudos })
    return yield* ImageGeneration.generate(request)
  })

const square = (side: number) =>
  ImageGeneration.makeRequest({ prompt: "a mosaic of a city", size: [side, side], steps: 30 })

const program = Effect.gen(function* () {
  yield* Console.log(`On ${yield* Here.whereabouts}\nBudget: ${budget} kudos\n`)
  const [picture] = yield* Effect.firstSuccessOf(
    [1024, 768, 512, 256].map((side) => generateWithin(budget, square(side)))
  )
  yield* Console.log(`\ndrawn: ${picture?.bytes.length} bytes`)
}).pipe(
  Effect.catchTag("TooExpensive", ({ budget, price }) =>
    Console.log(`\nnothing was drawn: the smallest size costs ${price} kudos, and the budget is ${budget}`)
  )
)

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
