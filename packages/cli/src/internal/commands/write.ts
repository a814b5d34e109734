import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection, journal, timeout } from "../options/connection.js"
import { text } from "../options/text.js"

export const write = Command.make(
  "write",
  {
    prompt: Args.text({ name: "prompt" }).pipe(Args.withDescription("The text to continue.")),
    number: Options.integer("number").pipe(
      Options.withAlias("n"),
      Options.withDescription("The number of texts, 1 to 20."),
      Options.withDefault(1)
    ),
    ...text,
    journal,
    timeout,
    connection
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../actions/write.js")),
      ({ write }) => write(input)
    )
).pipe(Command.withDescription("Write texts that continue a prompt, and print them."))
