/**
 * Arguments of routes without a schema: whatever can be turned into the wanted type is taken.
 */
import { isRecord, jsonBody, type RouteContext } from "./context.js"
import { refuseFields } from "./reply.js"

export type Fields = Readonly<Record<string, unknown>>

/** A body that is missing, malformed or of another type counts as one that gives nothing. */
export const fieldsOf = (context: RouteContext): Fields => {
  const body = jsonBody(context.incoming)?.value
  return isRecord(body) ? body : {}
}

/** A whole number out of whatever came: `"12"`, `1.9` and `true` will do. */
export const whole = (fields: Fields, name: string): number | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "number") return Math.trunc(value)
  if (typeof value === "string" && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value)) return Number(value.replace(/_/g, ""))
  return refuseFields({ [name]: "This argument could not be read as a whole number" })
}

export const words = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  return typeof value === "string" ? value : JSON.stringify(value)
}

/** An argument that must be there. */
export const required = (fields: Fields, name: string): string =>
  words(fields, name) ?? refuseFields({ [name]: "Required parameter missing in the JSON body" })
