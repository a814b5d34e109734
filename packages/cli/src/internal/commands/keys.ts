import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import { connection } from "../options/connection.js"

const actions = Effect.promise(() => import("../actions/keys.js"))

const key = Args.text({ name: "key" }).pipe(
  Args.withDescription("The key as `horde keys list` shows it, or its name; never its id.")
)

const optionalNumber = (name: string, description: string) =>
  Options.integer(name).pipe(Options.withDescription(description), Options.optional)

const limits = {
  name: Options.text("name").pipe(Options.withDescription("A name for your own use."), Options.optional),
  kudos: optionalNumber("kudos", "The budget in kudos; -1 is unlimited, a new key has 5000."),
  expiry: optionalNumber("expiry", "The number of days until it expires; -1 is never, the default of a new key."),
  maxPixels: optionalNumber("max-pixels", "The maximum size of a picture in pixels (width x height); -1 is unlimited."),
  maxSteps: optionalNumber("max-steps", "The maximum number of steps of a picture; -1 is unlimited."),
  maxTokens: optionalNumber("max-tokens", "The maximum length of a text in tokens; -1 is unlimited.")
}

export const list = Command.make("list", { connection }, (input) =>
  Effect.flatMap(actions, ({ list }) => list(input))
).pipe(Command.withDescription("List the shared keys of the account, without their ids."))

export const create = Command.make("create", { limits, connection }, (input) =>
  Effect.flatMap(actions, ({ create }) => create(input))
).pipe(Command.withDescription("Create a shared key, and print its id: whoever has it can spend these kudos."))

export const modify = Command.make("modify", { key, limits, connection }, (input) =>
  Effect.flatMap(actions, ({ modify }) => modify(input))
).pipe(Command.withDescription("Change the limits of a shared key."))

export const remove = Command.make("delete", { key, connection }, (input) =>
  Effect.flatMap(actions, ({ remove }) => remove(input))
).pipe(Command.withDescription("Delete a shared key, with its waiting requests."))

export const show = Command.make(
  "show",
  {
    key,
    reveal: Options.boolean("reveal").pipe(Options.withDescription("Print the id too, which is a credential.")),
    connection
  },
  (input) => Effect.flatMap(actions, ({ showKey }) => showKey(input))
).pipe(Command.withDescription("Print the limits of a shared key."))

export const keys = Command.make("keys").pipe(
  Command.withDescription("Shared keys, with which others spend kudos of the account within limits."),
  Command.withSubcommands([list, create, modify, remove, show])
)
