import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { json } from "../options/connection.js"

export const serve = Command.make(
  "serve",
  {
    port: Options.integer("port").pipe(
      Options.withAlias("p"),
      Options.withDescription("The port to listen on; 0 selects a free one."),
      Options.withDefault(7860)
    ),
    host: Options.text("host").pipe(
      Options.withDescription("The address to listen on."),
      Options.withDefault("127.0.0.1")
    ),
    takes: Options.float("takes").pipe(
      Options.withDescription("The seconds that its workers take for one result."),
      Options.withDefault(2)
    ),
    json
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/serve.js")),
      ({ serve }) => serve(input)
    )
).pipe(Command.withDescription("Serve an embedded horde on a port, for development."))
