/** The two output streams of the command, and the status line. Results go to stdout, everything else to stderr. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { wrap } from "./table.js"
import { withoutControls } from "./text.js"

/** One output stream. */
export interface OutputStream {
  /** Whether it is a terminal. Without one there are no colours, and no line is overwritten. */
  readonly isTerminal: boolean
  readonly hasColours: boolean
  /** The width of the terminal, or of a line if there is no terminal. */
  readonly columns: () => number
  readonly write: (text: string) => void
}

/** The output of the command. */
export interface Service {
  readonly out: OutputStream
  readonly err: OutputStream
  /** Writes a line of the result to stdout. */
  readonly print: (text: string) => Effect.Effect<void>
  /** Writes a message to stderr. */
  readonly note: (text: string) => Effect.Effect<void>
  /**
   * Shows the status: a line that is overwritten on a terminal. Without a terminal only the `phase` is written, if there
   * is one, each time that it changes.
   */
  readonly status: (line: (width: number) => string, phase?: string) => Effect.Effect<void>
  /** Removes the status line. */
  readonly clearStatus: Effect.Effect<void>
}

export class Screen extends Context.Tag("@effect-horde/cli/Screen")<Screen, Service>() {}

const eraseLine = "\r\x1b[2K"

/** Makes the service for two streams. */
export const make = (out: OutputStream, err: OutputStream): Service => {
  /** The status line that is shown. */
  let shown: ((width: number) => string) | undefined
  let lastPhase: string | undefined
  const erase = () => {
    if (shown !== undefined) err.write(eraseLine)
  }
  const draw = () => {
    // the last column stays free: some terminals wrap a line that is full
    if (shown !== undefined) err.write(eraseLine + withoutControls(shown(Math.max(1, err.columns() - 1))))
  }
  /** Writes a line above the status line. */
  const line = (stream: OutputStream) => (text: string) =>
    Effect.sync(() => {
      erase()
      stream.write(`${withoutControls(text)}\n`)
      draw()
    })
  return {
    out,
    err,
    print: line(out),
    // between words, and only on a terminal: in a pipe a message is one line
    note: (text) =>
      line(err)(
        err.isTerminal
          ? text
              .split("\n")
              .flatMap((part) => wrap(part, err.columns()))
              .join("\n")
          : text
      ),
    status: (line, phase) =>
      Effect.sync(() => {
        if (err.isTerminal) {
          shown = line
          draw()
        } else if (phase !== undefined && phase !== lastPhase) {
          err.write(`${withoutControls(phase)}\n`)
        }
        lastPhase = phase
      }),
    clearStatus: Effect.sync(() => {
      erase()
      shown = undefined
    })
  }
}
