/** The failures of the command itself, besides those of the SDK. */
import * as Data from "effect/Data"
import { type ExitCode, exitCode } from "./exitCode.js"

/** A failure with its message for the user. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly code: ExitCode
  readonly message: string
  /** What the user can do. */
  readonly hint?: string
}> {}

/** The horde did not reply once. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  readonly host: string
  readonly hasKey: boolean
}> {}

/** The failure was printed; only the exit code is left. */
export class Reported extends Data.TaggedError("Reported")<{ readonly code: ExitCode }> {}

export const usage = (message: string, hint?: string): CommandFailed =>
  new CommandFailed({ code: exitCode.usage, message, ...(hint === undefined ? {} : { hint }) })

export const notFound = (message: string, hint?: string): CommandFailed =>
  new CommandFailed({ code: exitCode.notFound, message, ...(hint === undefined ? {} : { hint }) })

export const local = (message: string, hint?: string): CommandFailed =>
  new CommandFailed({ code: exitCode.local, message, ...(hint === undefined ? {} : { hint }) })
