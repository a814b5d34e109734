/**
 * Named values as open unions: the editor completes the known values, and any other string is accepted, because the
 * server adds values within months.
 */
import * as Schema from "effect/Schema"

/** A known name, or any other string. */
export type OpenEnum<Known extends string> = Known | (string & {})

type OpenSchema<Values> = string extends Values ? Schema.Schema<Values> : never

/** The schema of an open union: any string. It is `never` for a closed union, which would reject new names. */
export const openEnum = <Values extends string>(): OpenSchema<Values> => Schema.String as unknown as OpenSchema<Values>
