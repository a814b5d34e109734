import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { connection, journal, timeout } from "../options/connection.js"
import { file } from "../options/file.js"

export const caption = Command.make("caption", { file, journal, timeout, connection }, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("../actions/alchemy.js")),
    ({ caption }) => caption(input)
  )
).pipe(Command.withDescription("Print a sentence that describes a picture."))
