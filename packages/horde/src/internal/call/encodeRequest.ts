/** Validates a request and encodes its path, query and body. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as HordeError from "../../HordeError.js"
import { spreadExtra } from "../schema/extraFields.js"
import { fieldErrors } from "../schema/fieldErrors.js"
import { renameFields } from "../schema/fieldNames.js"
import { sensitiveTexts } from "../schema/sensitive.js"
import { withoutRefinements } from "../schema/withoutRefinements.js"
import type { Declaration, Fields, PreparedCall } from "./declaration.js"
import { bodyOf } from "./jsonBody.js"
import { isJobId, segmentFault } from "./pathSegment.js"

/** The parts of a request, with unknown types. */
export interface Parts {
  readonly params?: { readonly [name: string]: unknown }
  readonly query?: { readonly [name: string]: unknown }
  readonly payload?: unknown
}

const options = { errors: "all", onExcessProperty: "error" } as const

/** The cast drops the requirements of the codec: no field of an endpoint has any. */
export const structOf = (fields: Fields): Schema.Schema.AnyNoContext =>
  Schema.Struct(fields) as unknown as Schema.Schema.AnyNoContext

type Encode = (value: unknown) => Either.Either<unknown, ParseResult.ParseIssue>

interface Codecs {
  readonly params: Encode | undefined
  readonly query: Encode | undefined
  readonly payload: Encode | undefined
}

const compile = (declaration: Declaration, strict: boolean): Codecs => {
  const encode = (schema: Schema.Schema.AnyNoContext | undefined): Encode | undefined =>
    schema === undefined ? undefined : ParseResult.encodeUnknownEither(schema, options)
  const { params, query, payload } = declaration
  return {
    params: encode(params && structOf(params)),
    query: encode(query && structOf(query)),
    payload: encode(strict || payload === undefined ? payload : withoutRefinements(payload))
  }
}

const strictCodecs = new WeakMap<Declaration, Codecs>()
const lenientCodecs = new WeakMap<Declaration, Codecs>()

/** The codecs of an endpoint are compiled once, at its first call. */
const codecsOf = (declaration: Declaration, strict: boolean): Codecs => {
  const known = strict ? strictCodecs : lenientCodecs
  let codecs = known.get(declaration)
  if (codecs === undefined) {
    codecs = compile(declaration, strict)
    known.set(declaration, codecs)
  }
  return codecs
}

export const fillPath = (template: string, params: { readonly [name: string]: unknown }): string =>
  template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))

const queryString = (query: { readonly [name: string]: unknown }): string => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) search.append(name, String(item))
    }
  }
  const text = search.toString()
  return text === "" ? "" : `?${text}`
}

const record = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null ? { ...value } : {}

export const invalid = (
  declaration: Declaration,
  errors: { readonly [field: string]: string }
): HordeError.InvalidRequest =>
  new HordeError.InvalidRequest({
    method: declaration.method,
    path: declaration.path,
    errors,
    message: Object.entries(errors)
      .map(([field, rule]) => `${field}: ${rule}`)
      .join("; ")
  })

/**
 * The number of results that a payload requests. The cast is needed because the type of the payload is erased here. A
 * request that is not checked against the published ranges may hold any number: an invalid count becomes 1.
 */
export const resultsOf = (declaration: Declaration, payload: unknown): number => {
  const count = declaration.resultsExpected as ((payload: unknown) => number) | undefined
  const results = count === undefined ? 1 : count(payload)
  return Number.isSafeInteger(results) && results >= 0 ? results : 1
}

const secretsIn = (fields: Fields | undefined, encoded: object): ReadonlyArray<string> =>
  fields === undefined ? [] : sensitiveTexts(structOf(fields).ast, encoded)

const fill = (
  name: string,
  declaration: Declaration,
  request: Parts,
  strict: boolean
): Either.Either<PreparedCall, HordeError.InvalidRequest> => {
  const codecs = codecsOf(declaration, strict)
  const errors: Record<string, string> = {}
  const run = (part: keyof Parts, encode: Encode | undefined, value: unknown): unknown => {
    if (encode === undefined) return undefined
    const encoded = encode(value)
    if (Either.isRight(encoded)) return encoded.right
    Object.assign(errors, fieldErrors(encoded.left, part))
    return undefined
  }
  const params = record(run("params", codecs.params, request.params ?? {}))
  const query = record(run("query", codecs.query, request.query ?? {}))
  const encoded = run("payload", codecs.payload, request.payload)
  const payload = declaration.payload && spreadExtra(declaration.payload.ast, encoded, "payload", errors)
  const body = declaration.payload && bodyOf(payload, errors)
  for (const [field, value] of Object.entries(params)) {
    const fault = segmentFault(String(value))
    if (fault !== undefined) errors[`params.${field}`] ??= fault
  }
  if (Object.keys(errors).length > 0) {
    return Either.left(invalid(declaration, renameFields(request.payload, errors)))
  }
  return Either.right({
    name,
    declaration,
    path: fillPath(declaration.path, params) + queryString(query),
    payload,
    body,
    results: resultsOf(declaration, request.payload),
    secrets: () => [
      // public ids and names are no secrets; masking them would mangle messages
      ...secretsIn(declaration.params, params),
      ...secretsIn(declaration.query, query),
      // read from the encoded body: the program may have changed its value since
      ...(declaration.payload === undefined || body === undefined
        ? []
        : sensitiveTexts(declaration.payload.ast, JSON.parse(body)))
    ]
  })
}

/** A request that cannot be read, such as one with a getter that throws, is invalid. */
export const encodeRequest = (
  name: string,
  declaration: Declaration,
  request: Parts,
  strict: boolean
): Either.Either<PreparedCall, HordeError.InvalidRequest> => {
  try {
    return fill(name, declaration, request, strict)
  } catch {
    return Either.left(invalid(declaration, { request: "must be plain data: reading it threw an error" }))
  }
}

/** Encodes a call for a job id from a ticket or a journal, which may hold any text. */
export const encodeForJob = (
  name: string,
  declaration: Declaration,
  id: Redacted.Redacted,
  bodyFor?: (id: string) => object
): Either.Either<PreparedCall, HordeError.InvalidRequest> => {
  const text = Redacted.value(id)
  if (!isJobId(text)) {
    return Either.left(invalid(declaration, { "params.id": "must be a valid path segment" }))
  }
  const payload = bodyFor?.(text)
  return Either.right({
    name,
    declaration,
    path: fillPath(declaration.path, { id: text }),
    payload,
    body: payload && JSON.stringify(payload),
    results: 0,
    secrets: () => [text]
  })
}
