import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"
import { image } from "../options/image.js"
import { length } from "../options/text.js"

export const price = Command.make(
  "price",
  {
    prompt: Args.text({ name: "prompt" }).pipe(Args.withDescription("What to draw or write.")),
    text: Options.boolean("text").pipe(Options.withDescription("The price of texts instead of pictures.")),
    length,
    image,
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/price.js")),
      ({ price }) => price(input)
    )
).pipe(Command.withDescription("Print the price of a request in kudos, without starting a job."))
