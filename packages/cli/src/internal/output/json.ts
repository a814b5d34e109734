/** JSON results for scripts. */
import * as Effect from "effect/Effect"
import { Screen } from "./screen.js"

/** Prints a value as JSON. Control characters are escaped by JSON itself. */
export const printJson = (value: unknown): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ out }) => Effect.sync(() => out.write(`${JSON.stringify(value, null, 2)}\n`)))

/** Prints lines. */
export const printLines = (lines: ReadonlyArray<string>): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ print }) => Effect.forEach(lines, print, { discard: true }))
