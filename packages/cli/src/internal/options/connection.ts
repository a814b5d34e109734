/** The options that every command has which talks to a horde. */
import * as Options from "@effect/cli/Options"
import type * as Option from "effect/Option"

/** How a command reaches the horde, and how it prints. */
export interface ConnectionOptions {
  readonly embedded: boolean
  readonly url: Option.Option<string>
  readonly keyFile: Option.Option<string>
  readonly askKey: boolean
  readonly json: boolean
}

export const json = Options.boolean("json").pipe(
  Options.withDescription("Print the result as JSON to stdout, and a failure as JSON to stderr.")
)

export const connection = {
  embedded: Options.boolean("embedded").pipe(
    Options.withDescription(
      "Use an embedded horde in this process: no network, no API key, nothing leaves this machine."
    )
  ),
  url: Options.text("url").pipe(
    Options.withDescription("The address of the horde; HORDE_URL or https://aihorde.net/api by default."),
    Options.optional
  ),
  keyFile: Options.text("key-file").pipe(
    Options.withDescription("A file with the API key, readable by its owner only, instead of HORDE_API_KEY."),
    Options.optional
  ),
  askKey: Options.boolean("ask-key").pipe(Options.withDescription("Ask for the API key. What is typed is not shown.")),
  json
}

export const journal = Options.text("journal").pipe(
  Options.withDescription("The folder of the journal of jobs; the user's state folder by default."),
  Options.optional
)

export const timeout = Options.integer("timeout").pipe(
  Options.withDescription("Cancel the job if it is not over after this many seconds; 1200 by default."),
  Options.optional
)

export const output = Options.text("output").pipe(
  Options.withAlias("o"),
  Options.withDescription("The folder for the files. It is created if it is missing."),
  Options.withDefault(".")
)
