import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { connection, journal, output, timeout } from "../options/connection.js"
import { image } from "../options/image.js"

export const draw = Command.make(
  "draw",
  {
    prompt: Args.text({ name: "prompt" }).pipe(Args.withDescription("What to draw.")),
    image,
    output,
    journal,
    timeout,
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/draw.js")),
      ({ draw }) => draw(input)
    )
).pipe(Command.withDescription("Draw pictures, and save them with their prompt and parameters in their metadata."))
