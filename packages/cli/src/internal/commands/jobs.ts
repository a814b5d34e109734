import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection, journal, output } from "../options/connection.js"

const actions = Effect.promise(() => import("../actions/jobs.js"))

const key = Args.text({ name: "job" }).pipe(
  Args.withDescription("A job as `horde jobs list` shows it; all unfinished jobs by default."),
  Args.optional
)

export const list = Command.make(
  "list",
  {
    all: Options.boolean("all").pipe(Options.withDescription("Also the jobs that have ended in the last half hour.")),
    journal,
    connection
  },
  (input) => Effect.flatMap(actions, ({ list }) => list(input))
).pipe(Command.withDescription("List the unfinished jobs."))

export const resume = Command.make("resume", { key, output, journal, connection }, (input) =>
  Effect.flatMap(actions, ({ resume }) => resume(input))
).pipe(Command.withDescription("Take over the jobs of commands that were killed, and save or print their results."))

export const cancel = Command.make("cancel", { key, journal, connection }, (input) =>
  Effect.flatMap(actions, ({ cancel }) => cancel(input))
).pipe(Command.withDescription("Cancel the jobs of commands that were killed."))

export const jobs = Command.make("jobs").pipe(
  Command.withDescription("The journal: jobs that were submitted and whose results were not fetched yet."),
  Command.withSubcommands([list, resume, cancel])
)
