import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"

export const work = Command.make(
  "work",
  {
    name: Options.text("name").pipe(
      Options.withDescription("The name of the worker, unique on the horde."),
      Options.withDefault("horde cli demo")
    ),
    model: Options.text("model").pipe(
      Options.withAlias("m"),
      Options.withDescription("A model that it pretends to serve; can be repeated. stable_diffusion by default."),
      Options.repeated
    ),
    jobs: Options.integer("jobs").pipe(Options.withDescription("End after this number of pictures."), Options.optional),
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/work.js")),
      ({ work }) => work(input)
    )
).pipe(Command.withDescription("Run a demo worker, which delivers test pictures. Not on the public horde."))
