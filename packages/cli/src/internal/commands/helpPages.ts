/** The help pages of all commands. */
import type * as Command from "@effect/cli/Command"
import { helpOf } from "../help/help.js"
import { caption } from "./caption.js"
import { draw } from "./draw.js"
import { horde } from "./horde.js"
import { inspect } from "./inspect.js"
import * as Jobs from "./jobs.js"
import * as Keys from "./keys.js"
import { models } from "./models.js"
import { price } from "./price.js"
import { serve } from "./serve.js"
import { upscale } from "./upscale.js"
import { whoami } from "./whoami.js"
import { work } from "./work.js"
import { workers } from "./workers.js"
import { write } from "./write.js"

type HelpPage = (width: number) => ReadonlyArray<string>

const page = <Name extends string, R, E, A>(
  name: string,
  command: Command.Command<Name, R, E, A>
): readonly [string, HelpPage] => [name, (width) => helpOf(name, command, width)]

const pages: ReadonlyMap<string, HelpPage> = new Map([
  page("horde", horde),
  page("horde draw", draw),
  page("horde write", write),
  page("horde caption", caption),
  page("horde upscale", upscale),
  page("horde inspect", inspect),
  page("horde price", price),
  page("horde models", models),
  page("horde workers", workers),
  page("horde whoami", whoami),
  page("horde keys", Keys.keys),
  page("horde keys list", Keys.list),
  page("horde keys create", Keys.create),
  page("horde keys modify", Keys.modify),
  page("horde keys delete", Keys.remove),
  page("horde keys show", Keys.show),
  page("horde jobs", Jobs.jobs),
  page("horde jobs list", Jobs.list),
  page("horde jobs resume", Jobs.resume),
  page("horde jobs cancel", Jobs.cancel),
  page("horde work", work),
  page("horde serve", serve)
])

/** The commands that only have subcommands: without one of them, their help is shown. */
const groups: ReadonlySet<string> = new Set(["horde", "horde keys", "horde jobs"])

/** The help page that the arguments ask for, if they do. */
export const requestedHelp = (args: ReadonlyArray<string>): HelpPage | undefined => {
  const end = args.indexOf("--")
  const before = end < 0 ? args : args.slice(0, end)
  const words = before.filter((arg) => !arg.startsWith("-"))
  const names = [2, 1, 0].map((count) => ["horde", ...words.slice(0, count)].join(" "))
  const name = names.find((name) => pages.has(name)) ?? "horde"
  const isAsked = before.some((arg) => arg === "--help" || arg === "-h")
  const isGroupAlone = groups.has(name) && ["horde", ...args].join(" ") === name
  return isAsked || isGroupAlone ? pages.get(name) : undefined
}
