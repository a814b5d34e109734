/** The limiter names the window that was breached in words (`2 per 1 second`): all that a browser gets to see of it. */
import * as Duration from "effect/Duration"

const millisIn = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000]
])

export const limiterWindow = (
  message: string | undefined
): { readonly max: number; readonly per: number } | undefined => {
  const [, max, count, unit] = message?.match(/^(\d+) per (\d+) (second|minute|hour|day)/) ?? []
  const millis = millisIn.get(unit ?? "")
  return millis === undefined ? undefined : { max: Number(max), per: Number(count) * millis }
}

/** `Retry-After` in seconds or as a date; `now` is the wall-clock time in milliseconds. */
export const retryAfter = (header: string | undefined, now: number): Duration.Duration | undefined => {
  if (header === undefined || header === "") return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Duration.seconds(Math.max(0, seconds))
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - now))
}

export const windowNamed = (message: string): Duration.Duration | undefined => {
  const window = limiterWindow(message)
  return window === undefined ? undefined : Duration.millis(window.per)
}

export const secondsNamed = (message: string): Duration.Duration | undefined => {
  const found = message.match(/(\d+)(?:\.\d+)?\s*(?:more\s+)?sec/i)
  return found?.[1] === undefined ? undefined : Duration.seconds(Number(found[1]))
}
