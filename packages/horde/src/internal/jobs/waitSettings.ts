/** Validates the options of a wait, before anything is sent. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as HordeError from "../../HordeError.js"
import type { WaitOptions } from "../../Job.js"
import type { Declaration } from "../call/declaration.js"
import { invalid } from "../call/encodeRequest.js"

/** Durations are in milliseconds, and may be infinite. */
export interface WaitSettings {
  /** `undefined`: the time after which the server deletes the job. */
  readonly deadline: number | undefined
  readonly impossibleAfter: number
  /** Whether finished results are fetched before the end of the job. */
  readonly wantsEach: boolean
}

/** The end of the year 9999: the latest date that every date format can represent. */
export const latest = 253_402_300_799_000

/** `undefined` if it is no duration. Numbers are milliseconds. */
const millisOf = (input: Duration.DurationInput): number | undefined => {
  if (typeof input === "number" && Number.isNaN(input)) return undefined
  return Option.getOrUndefined(Option.map(Duration.decodeUnknown(input), Duration.toMillis))
}

/** A misspelt option would be ignored. */
const known: { readonly [Name in keyof Required<WaitOptions>]: true } = {
  deadline: true,
  impossibleAfter: true,
  results: true
}

export const waitSettings = (
  options: WaitOptions,
  declaration: Declaration
): Either.Either<WaitSettings, HordeError.InvalidRequest> => {
  const errors: Record<string, string> = {}
  for (const name of Object.keys(options)) if (!Object.hasOwn(known, name)) errors[`options.${name}`] = "unknown option"
  const read = (field: "deadline" | "impossibleAfter", isAllowed: (millis: number) => boolean, rule: string) => {
    const input = options[field]
    if (input === undefined) return undefined
    const millis = millisOf(input)
    if (millis !== undefined && isAllowed(millis)) return millis
    errors[`options.${field}`] = rule
    return undefined
  }
  const deadline = read("deadline", (millis) => millis > 0, 'must be a duration above zero, such as "20 minutes"')
  const impossibleAfter = read("impossibleAfter", (millis) => millis >= 0, 'must be a duration, such as "60 seconds"')
  const { results = "at the end" } = options
  if (results !== "at the end" && results !== "as they arrive") {
    errors["options.results"] = 'must be "at the end" or "as they arrive"'
  }
  if (Object.keys(errors).length > 0) return Either.left(invalid(declaration, errors))
  return Either.right({
    deadline,
    impossibleAfter: impossibleAfter ?? 60_000,
    wantsEach: results === "as they arrive"
  })
}
