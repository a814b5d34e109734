/** The help of a command, laid out for the width of the window. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import { wrap } from "../output/table.js"
import { type Entry, type Page, pageOf } from "./blocks.js"

const twoColumns = 70

/** Entries as two columns, or, in a narrow window, each name above its description. */
const list = (title: string, entries: ReadonlyArray<Entry>, width: number): ReadonlyArray<string> => {
  if (entries.length === 0) return []
  const longest = Math.min(30, Math.max(...entries.map(({ name }) => name.length)))
  const isWide = width >= twoColumns
  const indent = isWide ? longest + 4 : 6
  const lines = entries.flatMap(({ about, name }) => {
    const [first = "", ...rest] = wrap(about, Math.max(20, width - indent))
    const space = " ".repeat(indent)
    const fits = isWide && name.length <= longest
    return fits
      ? [`  ${name.padEnd(longest)}  ${first}`, ...rest.map((line) => space + line)]
      : [`  ${name}`, ...[first, ...rest].map((line) => space + line)]
  })
  return ["", title, ...lines.map((line) => line.trimEnd())]
}

const usageOf = (name: string, page: Page): string => {
  if (page.commands.length > 0) return `${name} COMMAND`
  return [name, ...(page.options.length > 0 ? ["[options]"] : []), ...page.arguments.map(({ name }) => name)].join(" ")
}

const builtIn =
  "Every command has --help. `horde --completions bash|fish|zsh|sh` prints a script for completions, " +
  "`horde --wizard` asks for each option, and --version prints the version."

/** The lines of the help of a command. */
export const helpOf = <Name extends string, R, E, A>(
  name: string,
  command: Command.Command<Name, R, E, A>,
  width: number
): ReadonlyArray<string> => {
  const page = pageOf(Command.getHelp(command, CliConfig.make({ showBuiltIns: false })))
  const commands = page.commands.map((entry) => ({ ...entry, name: entry.name.replace(/^horde /, "") }))
  return [
    ...wrap(`Usage: ${usageOf(name, page)}`, width),
    "",
    ...wrap(page.description, width),
    ...list("Commands", commands, width),
    ...list("Arguments", page.arguments, width),
    ...list("Options", page.options, width),
    ...(name === "horde" ? ["", ...wrap(builtIn, width)] : [])
  ]
}
