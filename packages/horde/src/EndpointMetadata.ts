/**
 * Reads an endpoint's declaration: its URL, its headers, its sensitive fields, the equivalence of its requests. Nothing
 * is sent.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Equivalence from "effect/Equivalence"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import type { Request } from "./Endpoint.js"
import type { Declaration } from "./internal/call/declaration.js"
import { encodeRequest, type Parts, resultsOf, structOf } from "./internal/call/encodeRequest.js"
import { identifierOf } from "./internal/schema/ast.js"
import * as sensitive from "./internal/schema/sensitive.js"

const schemasOf = ({ params, query, payload }: Declaration) => [
  ...(params === undefined ? [] : [["params", structOf(params)] as const]),
  ...(query === undefined ? [] : [["query", structOf(query)] as const]),
  ...(payload === undefined ? [] : [["payload", payload] as const])
]

/** The parts of a request by name. The types of the caller ensure that the declaration has them. */
const partsOf = (request: object): Parts => request

/**
 * The part of an endpoint class that this module reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface Declared<D extends Declaration> {
  readonly declaration: D
}

/**
 * The URL of a request, with percent-encoded segments. It contains the ids of the request: do not log it. Throws
 * `InvalidRequest` if an id is not a valid path segment, such as an empty one.
 *
 * @since 0.1.0
 * @category metadata
 */
export const url = <D extends Declaration>(
  endpoint: Declared<D>,
  request: Request<D>,
  baseUrl = "https://aihorde.net/api"
): string => {
  const call = Either.getOrThrowWith(encodeRequest("url", endpoint.declaration, partsOf(request), false), identity)
  return `${baseUrl.replace(/\/+$/, "")}${call.path}`
}

/**
 * The names of the request headers of a call, without those of `HordeClient.withProxiedFor`.
 *
 * @since 0.1.0
 * @category metadata
 */
export const headers = ({ declaration }: Declared<Declaration>): ReadonlyArray<string> => [
  "accept",
  "client-agent",
  ...(declaration.apiKey === "none" ? [] : ["apikey"]),
  ...(declaration.payload === undefined ? [] : ["content-type"]),
  ...(declaration.idempotencyKey === true ? ["idempotency-key"] : [])
]

/**
 * A copy of a request for logs: keys, ids, prompts, pictures and unknown fields are masked.
 *
 * @since 0.1.0
 * @category metadata
 */
export const logSafe = <D extends Declaration>(
  endpoint: Declared<D>,
  request: Request<D>
): { readonly [part: string]: unknown } =>
  Object.fromEntries(
    schemasOf(endpoint.declaration).map(([part, schema]) => [
      part,
      sensitive.logSafe(schema.ast, partsOf(request)[part])
    ])
  )

/**
 * The fields that {@link logSafe} masks, such as `payload.prompt`.
 *
 * @since 0.1.0
 * @category metadata
 */
export const sensitiveFields = (endpoint: Declared<Declaration>): ReadonlyArray<string> =>
  schemasOf(endpoint.declaration).flatMap(([part, schema]) => sensitive.sensitiveFields(schema.ast, `${part}.`))

/**
 * A copy of a model's value for logs, masked as by {@link logSafe}: a status reply without the links of its pictures,
 * for example.
 *
 * @since 0.1.0
 * @category metadata
 */
export const logSafeModel = <A, I>(schema: Schema.Schema<A, I>, value: A): unknown =>
  sensitive.logSafe(schema.ast, value)

/**
 * The names of the query parameters.
 *
 * @since 0.1.0
 * @category metadata
 */
export const queryFields = (endpoint: Declared<Declaration>): ReadonlyArray<string> =>
  Object.keys(endpoint.declaration.query ?? {})

/**
 * Whether a call of the endpoint starts a job, which `FollowUp` tracks.
 *
 * @since 0.1.0
 * @category metadata
 */
export const requiresFollowUp = (endpoint: Declared<Declaration>): boolean =>
  endpoint.declaration.followUp?._tag === "Starts"

/**
 * Whether two requests of one endpoint are equal.
 *
 * @since 0.1.0
 * @category metadata
 */
export const sameRequest = <D extends Declaration>(endpoint: Declared<D>): Equivalence.Equivalence<Request<D>> => {
  const parts = schemasOf(endpoint.declaration).map(([part, schema]) => [part, Schema.equivalence(schema)] as const)
  return (one, other) => parts.every(([part, same]) => same(partsOf(one)[part], partsOf(other)[part]))
}

/**
 * The number of results that a request asks for.
 *
 * @since 0.1.0
 * @category metadata
 */
export const resultsExpected = <D extends Declaration>(endpoint: Declared<D>, request: Request<D>): number =>
  resultsOf(endpoint.declaration, partsOf(request).payload)

/**
 * The published name of a model, such as `SharedKeyDetails`.
 *
 * @since 0.1.0
 * @category metadata
 */
export const modelName: (schema: Schema.Schema.AnyNoContext) => string | undefined = identifierOf
