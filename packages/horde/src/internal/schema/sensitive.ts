/** Keeps credentials, ids and prompts out of logs and error messages. */
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { fieldsOf, itemOf } from "./ast.js"

export const mask = String(Redacted.make(""))

const SensitiveId = Symbol.for("effect-horde/annotation/Sensitive")

/** Annotates a field whose value must not be logged: prompts, images, webhooks, and ids that act as credentials. */
export const sensitive = <S extends Schema.Annotable.All>(schema: S): Schema.Annotable.Self<S> =>
  Schema.annotations<S>({ [SensitiveId]: true })(schema)

const isSensitive = (ast: AST.AST): boolean =>
  ast.annotations[SensitiveId] === true ||
  (AST.isRefinement(ast) && isSensitive(ast.from)) ||
  (AST.isTransformation(ast) && (isSensitive(ast.from) || isSensitive(ast.to))) ||
  (AST.isUnion(ast) && ast.types.some(isSensitive))

/** The names of the sensitive fields, nested ones with their path: `params.seed`. A list of sensitive values is one. */
export const sensitiveFields = (ast: AST.AST, path = ""): ReadonlyArray<string> =>
  fieldsOf(ast)
    .flatMap(({ name: key, type }) => {
      const name = `${path}${String(key)}`
      const item = itemOf(type) ?? type
      return isSensitive(type) || isSensitive(item)
        ? [name]
        : [...sensitiveFields(type, `${name}.`), ...sensitiveFields(item, `${name}.`)]
    })
    .filter((name, index, all) => all.indexOf(name) === index)

/** A copy of the value for the log. Sensitive fields, redacted values and fields without a schema are masked. */
export const logSafe = (ast: AST.AST, value: unknown): unknown => {
  if (Redacted.isRedacted(value) || isSensitive(ast)) return mask
  if (Array.isArray(value)) {
    const item = itemOf(ast)
    return item === undefined ? mask : value.map((element) => logSafe(item, element))
  }
  if (typeof value !== "object" || value === null) return value
  const fields = new Map(fieldsOf(ast).map((field) => [field.name, field.type]))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const type = fields.get(name)
      return [name, type === undefined ? mask : logSafe(type, member)]
    })
  )
}

/** Longer texts are truncated to this number of characters for the search in a server's messages. */
const maxSearchLength = 20_000

/** The texts in sensitive fields, to be masked in a server's messages. */
export const sensitiveTexts = (ast: AST.AST, value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return isSensitive(ast) && value.length > 2 ? [value.slice(0, maxSearchLength)] : []
  if (Array.isArray(value)) return value.flatMap((element) => sensitiveTexts(itemOf(ast) ?? ast, element))
  if (typeof value !== "object" || value === null) return []
  const fields = new Map(fieldsOf(ast).map((field) => [field.name, field.type]))
  return Object.entries(value).flatMap(([name, member]) => sensitiveTexts(fields.get(name) ?? ast, member))
}
