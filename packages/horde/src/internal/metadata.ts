/** What a program can read of a declaration. The types of all this stand in `Endpoint`. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { Declaration } from "../Declaration.js"
import { type Parts, prepare } from "./prepare.js"
import * as secrets from "./secrets.js"

export const modelName = (schema: Schema.Schema.AnyNoContext): string | undefined =>
  Option.getOrUndefined(AST.getIdentifierAnnotation(schema.ast))

export const url = (declaration: Declaration, request: Parts, baseUrl: string): string => {
  const call = Either.getOrThrow(prepare("url", declaration, request, false))
  return `${baseUrl.replace(/\/+$/, "")}${call.path}`
}

export const headers = (declaration: Declaration): ReadonlyArray<string> => [
  "accept",
  "client-agent",
  ...(declaration.apiKey === "none" ? [] : ["apikey"]),
  ...(declaration.payload === undefined ? [] : ["content-type"])
]

const partSchemas = (declaration: Declaration): ReadonlyArray<readonly [keyof Parts, AST.AST]> => [
  ...(declaration.params === undefined ? [] : [["params", Schema.Struct(declaration.params).ast] as const]),
  ...(declaration.query === undefined ? [] : [["query", Schema.Struct(declaration.query).ast] as const]),
  ...(declaration.payload === undefined ? [] : [["payload", declaration.payload.ast] as const])
]

export const logSafe = (declaration: Declaration, request: Parts): { readonly [part: string]: unknown } =>
  Object.fromEntries(partSchemas(declaration).map(([part, ast]) => [part, secrets.logSafe(ast, request[part])]))

export const sensitiveFieldsOf = (declaration: Declaration): ReadonlyArray<string> =>
  partSchemas(declaration).flatMap(([part, ast]) => secrets.sensitiveFields(ast, `${part}.`))

export const resultsExpected = (declaration: Declaration, request: Parts): number => {
  const count = declaration.resultsExpected as ((payload: unknown) => number) | undefined
  return count === undefined ? 1 : count(request.payload)
}
