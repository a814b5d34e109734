import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"

export const workers = Command.make(
  "workers",
  {
    type: Options.choice("type", ["image", "text", "alchemy", "all"]).pipe(
      Options.withDescription("The kind of workers."),
      Options.withDefault("all")
    ),
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/status.js")),
      ({ workers }) => workers(input)
    )
).pipe(Command.withDescription("List the workers that are online."))
