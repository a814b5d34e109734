/** Describes each failure as one line for the user, with its exit code. */
import type { PlatformError } from "@effect/platform/Error"
import { type ConfigError, isConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import type { HordeError } from "effect-horde/HordeError"
import { counted, onOneLine, roughly } from "../output/text.js"
import { type ExitCode, exitCode } from "./exitCode.js"
import type { CommandFailed, Unreachable } from "./failures.js"

/** Everything that a command can fail with. */
export type Failure = CommandFailed | Unreachable | HordeError | ConfigError | PlatformError

/** A failure as it is shown. */
export interface Description {
  readonly code: ExitCode
  /** The name of the failure, for scripts. */
  readonly tag: string
  readonly message: string
  readonly hint?: string
}

const offer = "without a network and a key, try the same command with --embedded"

const unreachable = ({ hasKey, host }: Unreachable): Description => ({
  code: exitCode.unreachable,
  tag: "Unreachable",
  message: `${host} cannot be reached${hasKey ? "" : ", and no API key is set"}`,
  hint: offer
})

/** The violated rules, each with the name of its field. */
const fieldsOf = (errors: { readonly [field: string]: string } | undefined): string =>
  Object.entries(errors ?? {})
    .map(([field, rule]) => `${field.replace(/^payload\.(params\.)?/, "")}: ${rule}`)
    .join("; ")

const later = (error: HordeError): string =>
  error.retryAfter === undefined ? "try again later" : `try again in ${roughly(Duration.toSeconds(error.retryAfter))}`

const accepted = (error: { readonly partial: ReadonlyArray<unknown> }): string =>
  error.partial.length === 0 ? "" : ` (${counted(error.partial.length, "result")} arrived before)`

const unknownKey = {
  code: exitCode.refused,
  message: "the API key is not known",
  hint: "check HORDE_API_KEY or the key file"
}

/** Describes an error of the SDK. */
const hordeError = (error: HordeError): Omit<Description, "tag"> => {
  const { message } = error
  switch (error._tag) {
    case "InvalidRequest": {
      const fields = fieldsOf(error.errors)
      return { code: exitCode.usage, message: fields === "" ? message : `the request is invalid: ${fields}` }
    }
    case "BadRequest": {
      const fields = fieldsOf(error.errors)
      return { code: exitCode.usage, message: `the horde refuses the request: ${fields === "" ? message : fields}` }
    }
    case "Unauthorized":
      return unknownKey
    case "Forbidden":
      return { code: exitCode.refused, message: `the account may not do this: ${message}` }
    case "KudosRefused":
      return {
        code: exitCode.refused,
        message: `the kudos do not suffice: ${message}`,
        hint: "horde price tells a price"
      }
    case "NotFound":
      // the server replies to an unknown key like this, where an account is read by its key
      if (error.path === "/v2/find_user") return unknownKey
      return { code: exitCode.notFound, message }
    case "Locked":
    case "ServerError":
    case "UnexpectedResponse":
      return { code: exitCode.busy, message: `the horde failed: ${message}`, hint: "try again later" }
    case "RateLimited":
      return { code: exitCode.busy, message: `too many requests: ${message}`, hint: later(error) }
    case "TooManyJobs":
      return { code: exitCode.busy, message: `too many jobs of this account are waiting: ${message}` }
    case "Maintenance":
      return { code: exitCode.busy, message: "the horde is in maintenance", hint: "try again later" }
    case "TransportError":
      return { code: exitCode.unreachable, message: `the connection failed: ${message}`, hint: offer }
    case "OutcomeUnknown":
      return { code: exitCode.unknown, message: `it is unknown whether this succeeded: ${message}` }
    case "JournalFailed":
      return {
        code: exitCode.local,
        message: `the journal cannot be used: ${message}`,
        hint: "--journal names another"
      }
    case "JobImpossible":
      return {
        code: exitCode.jobFailed,
        message: "no worker that is online can do this",
        hint: "horde models lists models"
      }
    case "JobTimedOut":
      return { code: exitCode.jobFailed, message: `the job was not over in time${accepted(error)}` }
    case "JobExpired":
      return { code: exitCode.jobFailed, message: "the horde has deleted the job" }
    case "JobCancelled":
      return { code: exitCode.jobFailed, message: "the job was cancelled" }
    case "JobFaulted":
      return { code: exitCode.jobFailed, message: `the job failed on the horde${accepted(error)}: ${message}` }
    case "DownloadFailed":
      return error.reason === "NotSaved"
        ? { code: exitCode.local, message }
        : { code: exitCode.jobFailed, message: `a result could not be downloaded${accepted(error)}: ${message}` }
  }
}

const described = (failure: Failure): Description => {
  if (isConfigError(failure)) {
    return { code: exitCode.usage, tag: "InvalidConfiguration", message: configMessage(failure) }
  }
  switch (failure._tag) {
    case "CommandFailed": {
      const { code, hint, message } = failure
      return { code, tag: failure._tag, message, ...(hint === undefined ? {} : { hint }) }
    }
    case "Unreachable":
      return unreachable(failure)
    case "BadArgument":
    case "SystemError":
      return { code: exitCode.local, tag: failure._tag, message: failure.message }
    default:
      return { tag: failure._tag, ...hordeError(failure) }
  }
}

/** The messages of a configuration error, without its structure. */
const configMessage = (error: ConfigError): string =>
  "left" in error ? `${configMessage(error.left)}; ${configMessage(error.right)}` : error.message

/** Describes a failure. The texts have no line breaks and no control characters. */
export const describe = (failure: Failure): Description => {
  const { hint, message, ...rest } = described(failure)
  return { ...rest, message: onOneLine(message), ...(hint === undefined ? {} : { hint }) }
}
