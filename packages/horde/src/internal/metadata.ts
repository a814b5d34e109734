/** What a program can read of a declaration. The types of all this stand in `Endpoint`. */
import * as Either from "effect/Either"
import type * as Equivalence from "effect/Equivalence"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { Declaration } from "../Declaration.js"
import { type Parts, prepare, resultsOf, structOf } from "./prepare.js"
import * as secrets from "./secrets.js"

export const modelName = (schema: Schema.Schema.AnyNoContext): string | undefined =>
  Option.getOrUndefined(AST.getIdentifierAnnotation(schema.ast))

export const url = (declaration: Declaration, request: Parts, baseUrl: string): string => {
  const call = Either.getOrThrowWith(prepare("url", declaration, request, false), identity)
  return `${baseUrl.replace(/\/+$/, "")}${call.path}`
}

const schemasOf = ({ params, query, payload }: Declaration) => [
  ...(params === undefined ? [] : [["params", structOf(params)] as const]),
  ...(query === undefined ? [] : [["query", structOf(query)] as const]),
  ...(payload === undefined ? [] : [["payload", payload] as const])
]

/** Compares what an endpoint declares: nothing else can tell two of its requests apart. */
export const sameRequest = (declaration: Declaration): Equivalence.Equivalence<Parts> => {
  const parts = schemasOf(declaration).map(([part, schema]) => [part, Schema.equivalence(schema)] as const)
  return (one, other) => parts.every(([part, same]) => same(one[part], other[part]))
}

export const headers = (declaration: Declaration): ReadonlyArray<string> => [
  "accept",
  "client-agent",
  ...(declaration.apiKey === "none" ? [] : ["apikey"]),
  ...(declaration.payload === undefined ? [] : ["content-type"])
]

export const logSafe = (declaration: Declaration, request: Parts): { readonly [part: string]: unknown } =>
  Object.fromEntries(schemasOf(declaration).map(([part, schema]) => [part, secrets.logSafe(schema.ast, request[part])]))

export const logSafeModel = (schema: Schema.Schema.AnyNoContext, value: unknown): unknown =>
  secrets.logSafe(schema.ast, value)

export const sensitiveFieldsOf = (declaration: Declaration): ReadonlyArray<string> =>
  schemasOf(declaration).flatMap(([part, schema]) => secrets.sensitiveFields(schema.ast, `${part}.`))

export const resultsExpected = (declaration: Declaration, request: Parts): number =>
  resultsOf(declaration, request.payload)
