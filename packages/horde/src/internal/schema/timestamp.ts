/**
 * Decodes dates in the two formats that the server documents, and in no other format: the built-in `Date` reads almost
 * any text as a date, for example `never 1` as 1 January 2001.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** No date in either format is longer. The limit bounds the time that a match takes. */
const maxLength = 48

const time = "(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?"
const zone = " ?(?:z|gmt|utc?|([+-]\\d\\d):?(\\d\\d)?)?"
const rfc822 = new RegExp(`^(?:(?:mon|tue|wed|thu|fri|sat|sun), )?(\\d\\d?) ([a-z]{3}) (\\d{4}) ${time}${zone}$`, "i")
const iso8601 = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[t ]${time}${zone})?$`, "i")

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

type Groups = ReadonlyArray<string | undefined>

const two = (digits: number | string | undefined): string => String(digits ?? 0).padStart(2, "0")

/** `undefined` for a day or an hour that does not exist, and for an offset of 24 hours or more. */
const inUtc = (date: string, [hours, minutes, seconds, fraction = "", zoneHours = "+00", zoneMinutes]: Groups) => {
  const millis = fraction.slice(0, 3).padEnd(3, "0")
  const local = `${date}T${two(hours)}:${two(minutes)}:${two(seconds)}.${millis}Z`
  const offset = Number(zoneHours.slice(1)) * 60 + Number(zoneMinutes ?? 0)
  if (offset >= 24 * 60 || Number(zoneMinutes ?? 0) > 59) return undefined
  return DateTime.make(local).pipe(
    // some engines parse the 31st of February as a day in March
    Option.filter((read) => DateTime.formatIso(read) === local),
    Option.flatMap((read) =>
      DateTime.make(DateTime.toEpochMillis(read) + 60_000 * (zoneHours.startsWith("-") ? offset : -offset))
    ),
    Option.getOrUndefined
  )
}

/**
 * Parses RFC 822 with a year of four digits (`Wed, 25 Nov 2026 03:34:28 -0000`, which is also the format of HTTP
 * headers) and ISO 8601. A date without a zone is UTC, as the server intends. `undefined` for everything else.
 */
export const parseDate = (text: string): DateTime.Utc | undefined => {
  if (text.length > maxLength) return undefined
  const mail = rfc822.exec(text.trim())
  if (mail !== null) {
    const [, day, month = "", year, ...rest] = mail
    return inUtc(`${year}-${two(months.indexOf(month.toLowerCase()) + 1)}-${two(day)}`, rest)
  }
  const iso = iso8601.exec(text.trim())
  if (iso === null) return undefined
  const [, year, month, day, ...rest] = iso
  return inUtc(`${year}-${month}-${day}`, rest)
}

/** A decoded date, or the text that could not be decoded. Both are absent if the server sent no value. */
export interface SentDate {
  readonly date?: DateTime.Utc
  readonly unreadable?: string
}

/** Decodes a value that should be a date. Of a value that is not a string, only the type is reported. */
export const readDate = (sent: unknown): SentDate => {
  if (sent === undefined || sent === null) return {}
  if (typeof sent !== "string") return { unreadable: `(${typeof sent})` }
  const date = parseDate(sent)
  return date === undefined ? { unreadable: sent } : { date }
}

/** An optional date of a reply. Everything that is not a date decodes as absent, so no reply fails because of it. */
export const nullableDate: Schema.PropertySignature<"?:", DateTime.Utc, never, "?:", unknown> =
  Schema.optionalToOptional(Schema.Unknown, Schema.DateTimeUtcFromSelf, {
    decode: Option.flatMapNullable((sent) => readDate(sent).date),
    encode: Option.map(DateTime.formatIso)
  })
