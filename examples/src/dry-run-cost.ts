/**
 * Asks for the price first, and spends only what a budget allows: larger wishes are made smaller until they fit.
 *
 * Run with: npm run example -- dry-run-cost [KUDOS]
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Effect } from "effect"
import { ImageGeneration } from "effect-horde"
import * as Here from "./support/horde.js"

const budget = Number(process.argv[2] ?? 15)
if (!(budget >= 0)) throw new Error(`the budget must be a number of kudos, and is "${process.argv[2]}"`)

class TooDear extends Data.TaggedError("TooDear")<{ readonly price: number; readonly budget: number }> {}

/** Generates only what costs no more than this many kudos. */
const generateWithin = (kudos: number, request: ImageGeneration.GenerationInputStable) =>
  Effect.gen(function* () {
    const price = yield* ImageGeneration.price(request)
    yield* Console.log(`${request.params?.width} × ${request.params?.height} costs ${price.kudos} kudos`)
    if (price.kudos > kudos) return yield* new TooDear({ price: price.kudos, budget: kudos })
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
  Effect.catchTag("TooDear", ({ budget, price }) =>
    Console.log(`\nnothing was drawn: the smallest costs ${price} kudos, and ${budget} may be spent`)
  )
)

program.pipe(Effect.provide(Here.layer()), NodeRuntime.runMain)
