import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection, journal, timeout } from "../options/connection.js"
import { file } from "../options/file.js"

export const upscale = Command.make(
  "upscale",
  {
    file,
    factor: Options.choice("factor", ["2", "4"]).pipe(
      Options.withDescription("How many times as wide and as high."),
      Options.withDefault("2")
    ),
    output: Options.text("output").pipe(
      Options.withAlias("o"),
      Options.withDescription("The folder for the new file; the folder of the picture by default."),
      Options.optional
    ),
    journal,
    timeout,
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/alchemy.js")),
      ({ upscale }) => upscale(input)
    )
).pipe(Command.withDescription("Save a picture in twice or four times the size, next to the original."))
