/** A status line that is overwritten on a terminal; without a terminal, a new line each time. */
import { Console, Effect } from "effect"

const isTerminal = process.stdout.isTTY === true

let shown: string | undefined

/** Shows a text, unless it is shown already. */
export const show = (text: string) =>
  Effect.suspend(() => {
    if (text === shown) return Effect.void
    shown = text
    return isTerminal ? Effect.sync(() => void process.stdout.write(`\r\x1b[2K… ${text}`)) : Console.log(`… ${text}`)
  })

/** Ends the line, and keeps its text. */
export const end = Console.log("")
