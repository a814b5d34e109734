/** One line on the terminal that is written over and over; without a terminal, a line each time. */
import { Console, Effect } from "effect"

const isTerminal = process.stdout.isTTY === true

let shown: string | undefined

/** Shows what is going on now, unless that is what it shows already. */
export const show = (text: string) =>
  Effect.suspend(() => {
    if (text === shown) return Effect.void
    shown = text
    return isTerminal ? Effect.sync(() => void process.stdout.write(`\r\x1b[2K… ${text}`)) : Console.log(`… ${text}`)
  })

/** Leaves the line as it is. */
export const end = Console.log("")
