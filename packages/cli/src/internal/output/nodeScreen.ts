/** The streams of this process. */
import * as Layer from "effect/Layer"
import { make, type OutputStream, Screen } from "./screen.js"

/** The width of lines without a terminal. */
const plainWidth = 100

const hasColours = (isTerminal: boolean): boolean =>
  isTerminal && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb"

const streamOf = (stream: NodeJS.WriteStream, onFailure: (reason: string) => void): OutputStream => {
  const isTerminal = stream.isTTY === true
  // the reader may end early (`| head`): the job must continue
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") onFailure(error.code ?? error.message)
  })
  return {
    isTerminal,
    hasColours: hasColours(isTerminal),
    columns: () => (isTerminal && stream.columns > 0 ? stream.columns : plainWidth),
    write: (text) => {
      stream.write(text)
    }
  }
}

/** The streams. `onFailure` runs if the output cannot be written, for example because the disk is full. */
export const layer = (onFailure: (reason: string) => void): Layer.Layer<Screen> =>
  Layer.sync(Screen, () =>
    make(
      streamOf(process.stdout, onFailure),
      streamOf(process.stderr, () => {})
    )
  )
