/** Finds the API key: a prompt, the environment, or the key file, in this order. */
import * as Prompt from "@effect/cli/Prompt"
import type { FileSystem } from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import type { Terminal } from "@effect/platform/Terminal"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { exitCode } from "../failures/exitCode.js"
import { CommandFailed, local, usage } from "../failures/failures.js"
import { configFolder } from "./folders.js"
import * as KeyFile from "./keyFile.js"

/** How the user wants to give the key. */
export interface Source {
  readonly askKey: boolean
  readonly keyFile: Option.Option<string>
}

/** Whether a prompt is possible: the keys that are typed can be read. */
const canAsk = Effect.sync(() => process.stdin.isTTY === true)

/** Asks for the key. Nothing that is typed is shown. */
const ask: Effect.Effect<Redacted.Redacted, CommandFailed, FileSystem | Path.Path | Terminal> = Effect.gen(
  function* () {
    if (!(yield* canAsk)) return yield* usage("--ask-key needs a terminal", "set HORDE_API_KEY or use a key file")
    const key = yield* Effect.mapError(
      Prompt.run(Prompt.hidden({ message: "API key" })),
      () => new CommandFailed({ code: exitCode.interrupted, message: "no API key was entered" })
    )
    return Redacted.make(Redacted.value(key).trim())
  }
)

const fromVariable = (name: string) =>
  Effect.map(
    Effect.orElseSucceed(Config.option(Config.string(name)), () => Option.none<string>()),
    Option.filter((value) => value !== "")
  )

/** The path of the key file, and whether the user named it. */
const keyFilePath = (named: Option.Option<string>) =>
  Effect.gen(function* () {
    if (Option.isSome(named)) return { path: named.value, isNamed: true }
    const variable = yield* fromVariable("HORDE_API_KEY_FILE")
    if (Option.isSome(variable)) return { path: variable.value, isNamed: true }
    return { path: (yield* Path.Path).join(yield* configFolder, "api-key"), isNamed: false }
  })

/** The API key, if there is one. */
export const find = ({
  askKey,
  keyFile
}: Source): Effect.Effect<Option.Option<Redacted.Redacted>, CommandFailed, FileSystem | Path.Path | Terminal> =>
  Effect.gen(function* () {
    if (askKey) return Option.some(yield* ask)
    if (Option.isNone(keyFile)) {
      const variable = yield* fromVariable("HORDE_API_KEY")
      if (Option.isSome(variable)) return Option.some(Redacted.make(variable.value.trim()))
    }
    const { isNamed, path } = yield* keyFilePath(keyFile)
    const key = yield* KeyFile.read(path)
    if (isNamed && Option.isNone(key)) return yield* local(`the key file ${path} does not exist`)
    return key
  })
