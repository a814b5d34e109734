/** Prints the failure of a command. */
import * as Effect from "effect/Effect"
import { Screen } from "../output/screen.js"
import { type Description, describe, type Failure } from "./describe.js"
import { Reported } from "./failures.js"

const textOf = ({ hint, message }: Description): string => `horde: ${message}${hint === undefined ? "" : ` (${hint})`}`

const jsonOf = ({ code, ...error }: Description): string => JSON.stringify({ error: { ...error, exitCode: code } })

/** Runs a command. Its failure is printed to stderr in one line, or as JSON. */
export const reported = <A, R>(
  options: { readonly json: boolean },
  command: Effect.Effect<A, Failure, R>
): Effect.Effect<void, Reported, R | Screen> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const result = yield* Effect.either(Effect.ensuring(command, screen.clearStatus))
    if (result._tag === "Right") return
    const description = describe(result.left)
    yield* screen.note(options.json ? jsonOf(description) : textOf(description))
    return yield* new Reported({ code: description.code })
  })
