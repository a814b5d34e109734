/** The user's folders for configuration and for state, as the XDG base directories define them. */
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const variable = (name: string): Effect.Effect<Option.Option<string>> =>
  Effect.map(
    Effect.orElseSucceed(Config.option(Config.string(name)), () => Option.none<string>()),
    Option.filter((value) => value !== "")
  )

const folder = (name: string, below: ReadonlyArray<string>): Effect.Effect<string, never, Path.Path> =>
  Effect.gen(function* () {
    const paths = yield* Path.Path
    const own = yield* variable(name)
    if (Option.isSome(own)) return paths.join(own.value, "horde")
    const data = yield* variable("LOCALAPPDATA")
    if (process.platform === "win32" && Option.isSome(data)) return paths.join(data.value, "horde")
    const home = Option.getOrElse(yield* variable("HOME"), () => ".")
    return paths.join(home, ...below, "horde")
  })

/** The folder of the key file. */
export const configFolder: Effect.Effect<string, never, Path.Path> = folder("XDG_CONFIG_HOME", [".config"])

/** The folder of the journal. */
export const stateFolder: Effect.Effect<string, never, Path.Path> = folder("XDG_STATE_HOME", [".local", "state"])
