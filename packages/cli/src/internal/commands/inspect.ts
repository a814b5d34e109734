import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { json } from "../options/connection.js"
import { file } from "../options/file.js"

export const inspect = Command.make("inspect", { file, json }, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("../actions/inspect.js")),
    ({ inspect }) => inspect(input)
  )
).pipe(Command.withDescription("Print how a picture of `horde draw` was generated, from its metadata."))
