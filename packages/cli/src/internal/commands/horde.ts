/** The command `horde` with its subcommands. A subcommand loads the SDK when it runs. */
import * as Command from "@effect/cli/Command"
import { caption } from "./caption.js"
import { draw } from "./draw.js"
import { inspect } from "./inspect.js"
import { jobs } from "./jobs.js"
import { keys } from "./keys.js"
import { models } from "./models.js"
import { price } from "./price.js"
import { serve } from "./serve.js"
import { upscale } from "./upscale.js"
import { whoami } from "./whoami.js"
import { work } from "./work.js"
import { workers } from "./workers.js"
import { write } from "./write.js"

export const horde = Command.make("horde").pipe(
  Command.withDescription("Draw pictures and write texts on the AI Horde."),
  Command.withSubcommands([
    draw,
    write,
    caption,
    upscale,
    inspect,
    price,
    models,
    workers,
    whoami,
    keys,
    jobs,
    work,
    serve
  ])
)
