/**
 * Named values as open unions: the known ones for the editor, any string for the server, which adds values within
 * months.
 */
import * as Schema from "effect/Schema"

/** A known name, or any other string. */
export type OpenEnum<Known extends string> = Known | (string & {})

/** The schema of an open union: any string. The cast is needed because `Schema.String` has no type parameter. */
export const openEnum = <Known extends string>(): Schema.Schema<OpenEnum<Known>, string> =>
  Schema.String as unknown as Schema.Schema<OpenEnum<Known>, string>
