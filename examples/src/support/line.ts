/** One line on the terminal that is written over and over; without a terminal, a line each time. */
import { Effect } from "effect"

const isTerminal = process.stdout.isTTY === true

const write = (text: string) => Effect.sync(() => void process.stdout.write(text))

/** Shows what is going on now. */
export const show = (text: string) => write(isTerminal ? `\r\x1b[2K… ${text}` : `… ${text}\n`)

/** Leaves the line as it is. */
export const end = write("\n")
