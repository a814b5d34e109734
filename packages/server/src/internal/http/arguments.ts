/**
 * Arguments of routes without a schema. Any value that Python can convert to the expected type is accepted.
 */
import type { Json } from "../python/json.js"
import * as Python from "../python/values.js"
import { refuseFields } from "../state/refusal.js"
import type { Incoming } from "./incoming.js"
import { jsonBody } from "./jsonBody.js"

/** The fields of a body, and the JSON paths of its floats. */
export interface Arguments {
  readonly fields: Readonly<Record<string, unknown>>
  readonly floats: Json["floats"]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A body that is absent, malformed or not an object counts as an empty object. */
export const argumentsOf = (incoming: Incoming): Arguments => {
  const body = jsonBody(incoming)
  return body !== undefined && isRecord(body.value)
    ? { fields: body.value, floats: body.floats }
    : { fields: {}, floats: new Set() }
}

/** An integer, converted from `"12"`, `1.9` or `true` if necessary. */
export const whole = ({ fields }: Arguments, name: string): number | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  return Python.int(value) ?? refuseFields({ [name]: "This argument could not be read as a whole number" })
}

/** Text, converted if necessary: `true` becomes `"True"`. */
export const text = ({ fields, floats }: Arguments, name: string): string | undefined => {
  const value = fields[name]
  return value === undefined || value === null ? undefined : Python.str(value, floats, `/${name}`)
}

/** A flag: any value counts as true unless it is empty or zero. */
export const flag = ({ fields }: Arguments, name: string): boolean | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  return typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value)
}

/** The value of a required argument. */
export const required = <A>(name: string, value: A | undefined): A =>
  value ?? refuseFields({ [name]: "Required parameter missing in the JSON body" })

/** The API key. A request without the header gets a validation error, not the error of an unknown key. */
export const requiredKey = (incoming: Incoming): string =>
  incoming.headers["apikey"] ??
  refuseFields({ apikey: "An API key must be given: required parameter missing in the HTTP headers" })
