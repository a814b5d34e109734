/**
 * The field `extra` of a request has fields that its model does not declare. They are sent next to the declared fields.
 */
import type * as AST from "effect/SchemaAST"
import { fieldsOf, itemOf } from "./ast.js"

const isPlain = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/**
 * Moves the fields in `extra` one level up. An extra field must not replace a field of the model: such a conflict is
 * added to `errors`. In free-form fields, which have no model, `extra` is an ordinary name.
 */
export const spreadExtra = (ast: AST.AST, value: unknown, path: string, errors: Record<string, string>): unknown => {
  if (Array.isArray(value)) {
    const item = itemOf(ast)
    return item === undefined ? value : value.map((one, index) => spreadExtra(item, one, `${path}.${index}`, errors))
  }
  if (!isPlain(value)) return value
  const types = new Map(fieldsOf(ast).map((field) => [field.name, field.type]))
  const spread: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const type = types.get(name)
    if (type === undefined) spread[name] = member
    else if (name !== "extra") spread[name] = spreadExtra(type, member, `${path}.${name}`, errors)
  }
  const extra = types.has("extra") ? value.extra : undefined
  if (isPlain(extra)) {
    for (const [name, member] of Object.entries(extra)) {
      if (spread[name] !== undefined) errors[`${path}.extra.${name}`] = `is already set as ${path}.${name}`
      else spread[name] = member
    }
  }
  return spread
}
