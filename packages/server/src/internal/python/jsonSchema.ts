/**
 * How the server judges a body by a JSON schema, and how its verdict is worded.
 */
import { Ajv, type ErrorObject } from "ajv"
import type { DataValidationCxt } from "ajv/dist/types/index.js"
import { isRecord, jsonBody, type RouteContext } from "../http/context.js"
import { Refusal, refuseFields } from "../http/reply.js"
import type { Json } from "./json.js"

/** The fields at fault with a word about each, as dot paths; the whole body is `""`. Empty when all is well. */
export type Check = (body: Json) => Readonly<Record<string, string>>

export const string = { type: "string" }
export const bool = { type: "boolean" }
export const text = (minLength: number, maxLength?: number) =>
  maxLength === undefined ? { type: "string", minLength } : { type: "string", minLength, maxLength }
/** Python has `512.0` for a float, which is never a whole number. */
export const wholeNumber = { type: "integer", notFloat: true }
export const integer = (minimum: number, maximum = Number.MAX_VALUE) => ({ ...wholeNumber, range: [minimum, maximum] })
/** NaN is neither too small nor too large. */
export const number = (minimum: number, maximum = Number.POSITIVE_INFINITY) => ({
  type: "number",
  range: [minimum, maximum]
})
export const oneOf = (values: ReadonlyArray<string>) => ({ type: "string", enum: values })
export const list = (items: object) => ({ type: "array", items })

const ajv = new Ajv({ allErrors: true, strict: false, strictNumbers: false, passContext: true })

ajv.addKeyword({
  keyword: "notFloat",
  type: "number",
  error: { message: "must be written as a whole number" },
  validate(
    this: Pick<Json, "floats">,
    _schema: true,
    _data: number,
    _parent: unknown,
    at?: DataValidationCxt
  ): boolean {
    return !this.floats.has(at?.instancePath ?? "")
  }
})

ajv.addKeyword({
  keyword: "range",
  type: "number",
  error: { message: "must lie within its range" },
  validate: ([least, most]: readonly [number, number], data: number): boolean => !(data < least || data > most)
})

const field = (error: ErrorObject): string => {
  const segments = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"))
  const missing: unknown = error.params["missingProperty"]
  if (error.keyword === "required" && typeof missing === "string") segments.push(missing)
  return segments.join(".")
}

export const check = (schema: object): Check => {
  const validate = ajv.compile(schema)
  return (body) => {
    if (validate.call(body, body.value)) return {}
    return Object.fromEntries((validate.errors ?? []).map((error) => [field(error), error.message ?? "is not valid"]))
  }
}

/** The request's body, if it is JSON that the schema lets pass. This comes before all other checks. */
export const validBody = (context: RouteContext, check: Check): Readonly<Record<string, unknown>> => {
  const body = jsonBody(context.incoming)
  if (body === undefined) throw new Refusal(400, { message: "This is not a request with a readable JSON body" })
  const errors = check(body)
  if (Object.keys(errors).length > 0 || !isRecord(body.value)) return refuseFields(errors)
  return body.value
}
