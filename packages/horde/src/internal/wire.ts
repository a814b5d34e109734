/** How values stand on the wire, and how tolerantly replies are read. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** Known values for the editor, any string for the wire: named values double within months. */
export type Open<Known extends string> = Known | (string & {})

/** The cast says only what a string union with an open end is: a string. */
export const open = <Known extends string>(): Schema.Schema<Open<Known>, string> =>
  Schema.String as unknown as Schema.Schema<Open<Known>, string>

/** A field of a reply that may be absent or null: both read as absent. */
export const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true, nullable: true })

/** A field of a reply that has a published default, which stands in where it is absent or null. */
export const withDefault = <A, I>(schema: Schema.Schema<A, I>, value: NoInfer<A>) =>
  Schema.optionalWith(schema, { nullable: true, default: () => value })

/** Written so that every engine reads it, and Effect, which knows neither `GMT` nor a small `z`. */
const inUtc = (text: string): string => (/^\d/.test(text) ? `${text}Z` : `${text} +0000`)

const withZone = (text: string): string => {
  const bare = text.trim().replace(/\s*(?:z|gmt|utc?)$/i, "")
  return /:.*[+-]\d{2}:?\d{2}$/.test(bare) ? bare : inUtc(bare)
}

/**
 * A point in time as the server writes it: RFC 822 (`Wed, 25 Nov 2026 03:34:28 -0000`) or ISO 8601. A date without a
 * zone is UTC, which the server means and `Date` would read as local time.
 */
export const Timestamp: Schema.Schema<DateTime.Utc, string> = Schema.transformOrFail(
  Schema.String,
  Schema.DateTimeUtcFromSelf,
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(DateTime.make(withZone(text)), {
        onNone: () => ParseResult.fail(new ParseResult.Type(ast, text, "not a date")),
        onSome: (date) => ParseResult.succeed(DateTime.toUtc(date))
      }),
    encode: (date) => ParseResult.succeed(DateTime.formatIso(date))
  }
).annotations({ identifier: "Timestamp" })
