/**
 * Arguments of routes without a schema: whatever Python can turn into the wanted type is accepted.
 */

import type { Json } from "../python/json.js"
import * as Python from "../python/values.js"
import { isRecord, jsonBody, type RouteContext } from "./context.js"
import { refuseFields } from "./reply.js"

export type Fields = Readonly<Record<string, unknown>>

/** The fields of a body, and which of its numbers are floats. */
export interface Arguments {
  readonly fields: Fields
  readonly floats: Json["floats"]
}

/** A body that is missing, malformed or of another type counts as one that gives nothing. */
export const argumentsOf = (context: RouteContext): Arguments => {
  const body = jsonBody(context.incoming)
  return body !== undefined && isRecord(body.value)
    ? { fields: body.value, floats: body.floats }
    : { fields: {}, floats: new Set() }
}

/** A whole number from any value: `"12"`, `1.9` and `true` are accepted. */
export const whole = ({ fields }: Arguments, name: string): number | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  return Python.int(value) ?? refuseFields({ [name]: "This argument could not be read as a whole number" })
}

/** Text from any value: `true` becomes `"True"`. */
export const text = ({ fields, floats }: Arguments, name: string): string | undefined => {
  const value = fields[name]
  return value === undefined || value === null ? undefined : Python.str(value, floats, `/${name}`)
}

/** An argument that must be there. */
export const required = (args: Arguments, name: string): string =>
  text(args, name) ?? refuseFields({ [name]: "Required parameter missing in the JSON body" })
