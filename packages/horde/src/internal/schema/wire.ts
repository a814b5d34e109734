/** How values stand on the wire, and how tolerantly replies are read. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { parseDate } from "./dates.js"

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

/** What the server sent as a date: the date, or the text that is none. Neither where there is no value. */
export interface SentDate {
  readonly date?: DateTime.Utc
  readonly unreadable?: string
}

export const readDate = (sent: unknown): SentDate => {
  if (sent === undefined || sent === null) return {}
  if (typeof sent !== "string") return { unreadable: `(${typeof sent})` }
  const date = parseDate(sent)
  return date === undefined ? { unreadable: sent } : { date }
}

/** A date of a reply that may be absent or null. What is not a date reads as absent: no reply fails because of it. */
export const maybeDate = Schema.optionalToOptional(Schema.Unknown, Schema.DateTimeUtcFromSelf, {
  decode: Option.flatMapNullable((sent) => readDate(sent).date),
  encode: Option.map(DateTime.formatIso)
})
