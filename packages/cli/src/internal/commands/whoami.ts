import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"

export const whoami = Command.make("whoami", { connection }, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("../actions/whoami.js")),
    ({ whoami }) => whoami(input)
  )
).pipe(Command.withDescription("Print the account of the API key, with its kudos."))
