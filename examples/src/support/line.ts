/** A status line that is overwritten on a terminal; without a terminal, a new line each time. */
import { Console, Effect } from "effect"
import { type Job, ProgressLine } from "effect-horde"

const isTerminal = process.stdout.isTTY === true

let shown: string | undefined

/** Shows a text, unless it is shown already. */
export const show = (text: string) =>
  Effect.suspend(() => {
    if (text === shown) return Effect.void
    shown = text
    return isTerminal ? Effect.sync(() => void process.stdout.write(`\r\x1b[2K… ${text}`)) : Console.log(`… ${text}`)
  })

/** Shows the state of a job. */
export const showState = (check: Job.RequestStatusCheck, verb: string) =>
  show(ProgressLine.make(check, { verb, width: (process.stdout.columns ?? 80) - 3 }))

/** Ends the line, and keeps its text. */
export const end = Console.log("")
