/**
 * How the server judges a body by a JSON schema, and how its verdict is worded.
 */
import { Ajv, type ErrorObject } from "ajv"
import { isRecord, jsonBody, type RouteContext } from "./context.js"
import { Refusal, refuseFields } from "./reply.js"

/** The fields at fault with a word about each, as dot paths; the whole body is `""`. Empty when all is well. */
export type Check = (body: unknown) => Readonly<Record<string, string>>

export const string = { type: "string" }
export const bool = { type: "boolean" }
export const text = (minLength: number, maxLength?: number) =>
  maxLength === undefined ? { type: "string", minLength } : { type: "string", minLength, maxLength }
export const integer = (minimum: number, maximum: number) => ({ type: "integer", minimum, maximum })
export const number = (minimum: number, maximum?: number) =>
  maximum === undefined ? { type: "number", minimum } : { type: "number", minimum, maximum }
export const oneOf = (values: ReadonlyArray<string>) => ({ type: "string", enum: values })
export const list = (items: object) => ({ type: "array", items })

const ajv = new Ajv({ allErrors: true, strict: false })

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
    if (validate(body)) return {}
    return Object.fromEntries((validate.errors ?? []).map((error) => [field(error), error.message ?? "is not valid"]))
  }
}

/** The request's body, if it is JSON that the schema lets pass. This comes before all other checks. */
export const validBody = (context: RouteContext, check: Check): Readonly<Record<string, unknown>> => {
  const body = jsonBody(context.incoming)
  if (body === undefined) throw new Refusal(400, { message: "This is not a request with a readable JSON body" })
  const errors = check(body.value)
  if (Object.keys(errors).length > 0 || !isRecord(body.value)) return refuseFields(errors)
  return body.value
}
