/** Runs the command with its arguments, and returns the exit code. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import type { ValidationError } from "@effect/cli/ValidationError"
import type { FileSystem } from "@effect/platform/FileSystem"
import type { Path } from "@effect/platform/Path"
import type { Terminal } from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import type * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { requestedHelp } from "../commands/helpPages.js"
import { horde } from "../commands/horde.js"
import type { Network } from "../connection/network.js"
import { type ExitCode, exitCode } from "../failures/exitCode.js"
import type { Reported } from "../failures/failures.js"
import { Screen, type Service } from "../output/screen.js"
import { onOneLine, withoutControls } from "../output/text.js"
import { version } from "./version.js"

const cli = Command.run(horde, { name: "horde", version })

/** The console of @effect/cli: help and completions go to stdout, without colours if it has none. */
const consoleOf = (screen: Service, standard: Console.Console): Console.Console => ({
  ...standard,
  log: (...texts) =>
    Effect.sync(() => {
      const text = texts.map(String).join(" ")
      screen.out.write(`${(screen.out.hasColours ? text : withoutControls(text)).trimEnd()}\n`)
    }),
  // the error of a wrong argument: it is printed below, in one line
  error: () => Effect.void
})

/** Warnings of the SDK, one line each. */
const loggerOf = (screen: Service) =>
  Logger.make(({ logLevel, message }) => {
    const text = onOneLine([message].flat().map(String).join(" "))
    screen.err.write(`horde: ${logLevel.label.toLowerCase()}: ${text}\n`)
  })

/** A key on the command line would stay in the history of the shell, so there is no such option. */
const isKeyOption = (argument: string): boolean => /^--?(api[-_]?key|key|apikey)(=|$)/i.test(argument)

const withoutKeyOption = (args: ReadonlyArray<string>) =>
  args.some(isKeyOption)
    ? "the API key is not given as an option, where the history of the shell would keep it (set HORDE_API_KEY, or use --key-file or --ask-key)"
    : undefined

/** Runs the command. `argv` has the runtime and the script before the arguments, as in Node. */
export const run = (
  argv: ReadonlyArray<string>
): Effect.Effect<ExitCode, never, FileSystem | Path | Terminal | Network | Screen> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const standard = yield* Effect.console
    const failed = (message: string) => Effect.as(screen.note(`horde: ${message}`), exitCode.usage)
    const wrong = withoutKeyOption(argv.slice(2))
    if (wrong !== undefined) return yield* failed(wrong)
    const help = requestedHelp(argv.slice(2))
    if (help !== undefined) {
      yield* Effect.forEach(help(screen.out.columns()), screen.print, { discard: true })
      return exitCode.success
    }
    const onError = (error: ValidationError | Reported): Effect.Effect<ExitCode> =>
      error._tag === "Reported"
        ? Effect.succeed(error.code)
        : failed(`${onOneLine(HelpDoc.toAnsiText(error.error))} (--help explains the command)`)
    return yield* cli(argv).pipe(
      Effect.as<ExitCode>(exitCode.success),
      Effect.catchAll(onError),
      Effect.catchAllDefect((defect) =>
        screen.clearStatus.pipe(
          Effect.zipRight(screen.note(`horde: internal error: ${onOneLine(Cause.pretty(Cause.die(defect)))}`)),
          Effect.as<ExitCode>(exitCode.failure)
        )
      ),
      Effect.withConsole(consoleOf(screen, standard)),
      Effect.provide(Logger.replace(Logger.defaultLogger, loggerOf(screen))),
      Logger.withMinimumLogLevel(LogLevel.Warning),
      Effect.provide(CliConfig.layer({ showTypes: true }))
    )
  })
