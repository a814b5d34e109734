/**
 * JSON Schema validation as the real server's Python does it.
 */
import { Ajv, type ErrorObject } from "ajv"
import type { DataValidationCxt } from "ajv/dist/types/index.js"
import * as Either from "effect/Either"
import type { Json } from "./json.js"

/** Messages by field. A field is a dot path; the whole body is `""`. */
export type FieldErrors = Readonly<Record<string, string>>

export type Check<A> = (body: Json) => Either.Either<A, FieldErrors>

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>

export const string: Schema = { type: "string" }
export const bool: Schema = { type: "boolean" }
export const text = (minLength: number, maxLength?: number): Schema =>
  maxLength === undefined ? { type: "string", minLength } : { type: "string", minLength, maxLength }
/** Python parses `512.0` as a float, which is never an integer. */
export const wholeNumber: Schema = { type: "integer", notFloat: true }
export const integer = (minimum: number, maximum = Number.MAX_VALUE): Schema => ({
  ...wholeNumber,
  range: [minimum, maximum]
})
/** NaN passes: it is neither below the minimum nor above the maximum. */
export const number = (minimum: number, maximum = Number.POSITIVE_INFINITY): Schema => ({
  type: "number",
  range: [minimum, maximum]
})
export const oneOf = (values: ReadonlyArray<string>): Schema => ({ type: "string", enum: values })
export const list = (items: Schema): Schema => ({ type: "array", items })

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

const fieldOf = (error: ErrorObject): string => {
  const segments = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"))
  const missing: unknown = error.params["missingProperty"]
  if (error.keyword === "required" && typeof missing === "string") segments.push(missing)
  return segments.join(".")
}

/** Compiles a schema. `A` is the type of the bodies that pass it. */
export const check = <A>(schema: Schema): Check<A> => {
  const validate = ajv.compile<A>(schema)
  return ({ floats, value }) => {
    const context = { floats, validate } // the keyword `notFloat` reads `floats` from `this`
    if (context.validate(value)) return Either.right(value)
    return Either.left(
      Object.fromEntries(
        (context.validate.errors ?? []).map((error) => [fieldOf(error), error.message ?? "is not valid"])
      )
    )
  }
}
