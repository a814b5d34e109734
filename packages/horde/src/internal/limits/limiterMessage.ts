/**
 * Parses the waits that the server asks for: the `Retry-After` header, and the limiter's message, which browsers can
 * read. Parsing takes linear time, and times are finite.
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { parseDate } from "../schema/timestamp.js"

const millisIn = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000]
])

/** About 31 years: longer times are capped. */
const longest = Duration.seconds(999_999_999)

/** `Retry-After` in seconds or as a date, at `now`; `undefined` if it is neither. */
export const retryAfter = (header: string | undefined, now: number): Duration.Duration | undefined => {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Duration.seconds(Math.max(0, Number(text)))
  if (text !== "" && !/\D/.test(text)) return longest
  const date = parseDate(text)
  if (date === undefined) return undefined
  return Duration.min(longest, Duration.millis(Math.max(0, DateTime.toEpochMillis(date) - now)))
}

/** The seconds in a message such as `403 more seconds`. A number of more than nine digits is ignored. */
export const secondsNamed = (message: string | undefined): Duration.Duration | undefined => {
  const [, seconds] = message?.match(/(?:^|\D)(\d{1,9})(?:\.\d{1,20})?\s{0,9}(?:more\s{1,9})?sec/i) ?? []
  return seconds === undefined ? undefined : Duration.seconds(Number(seconds))
}

/** The exceeded window, which the limiter names as `2 per 1 second`, in milliseconds. */
export const limiterWindow = (
  message: string | undefined
): { readonly max: number; readonly per: number } | undefined => {
  const [, max, count, unit] = message?.match(/^(\d{1,9}) per (\d{1,4}) (second|minute|hour|day)/) ?? []
  const millis = millisIn.get(unit ?? "")
  return millis === undefined ? undefined : { max: Number(max), per: Number(count) * millis }
}

/** The length of that window. */
export const windowNamed = (message: string | undefined): Duration.Duration | undefined => {
  const window = limiterWindow(message)
  return window === undefined ? undefined : Duration.millis(window.per)
}
