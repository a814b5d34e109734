import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"

export const models = Command.make(
  "models",
  {
    text: Options.boolean("text").pipe(Options.withDescription("Models for texts instead of pictures.")),
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/status.js")),
      ({ models }) => models(input)
    )
).pipe(Command.withDescription("List the models that are online, those with the shortest wait first."))
