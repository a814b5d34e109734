/** The text of `docs/api.md`: a table of the operations of each resource, made from their declarations. */
import * as Duration from "effect/Duration"
import type * as Endpoint from "effect-horde/Endpoint"
import { operationsOf } from "./compare.js"
import { endpoints, errorTags, functionOf, resourceOf } from "./endpoints.js"
import { newerOperations } from "./exceptions.js"
import { documentOf, type JsonSchema, jsonSchemaOf } from "./openapi.js"
import { privilegeOf } from "./privileges.js"
import { published } from "./published.js"

/** The name of a model, or its fields if it has none. */
const modelOf = ({ $ref, anyOf, items, properties = {}, required = [], type }: JsonSchema): string => {
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf("/") + 1)
  if (anyOf !== undefined) return anyOf.map(modelOf).join(" or ")
  if (items !== undefined) return `${modelOf(items)}[]`
  const fields = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`))
  return fields.length === 0 ? (type ?? "any") : `{ ${fields.join(", ")} }`
}

const code = (text: string): string => `\`${text}\``

const units: Readonly<Record<string, string>> = { "1s": "second", "1m": "minute", "1h": "hour" }

const limitOf = ({ key, max, per, raised }: Endpoint.Limit): string => {
  const unit = units[Duration.format(per)] ?? Duration.format(per)
  return `${max}${raised === undefined ? "" : ` (${raised})`} per ${unit} and ${key === "apiKey" ? "key" : key}`
}

const requestOf = ({ payload, query = {} }: Endpoint.Declaration): string =>
  [
    ...Object.keys(query).map((name) => code(`?${name}`)),
    ...(payload === undefined ? [] : [code(modelOf(jsonSchemaOf(payload)))])
  ].join(", ")

const repliesOf = ({ success }: Endpoint.Declaration): string =>
  Object.entries(success)
    .map(([status, schema]) => `${status} ${code(modelOf(jsonSchemaOf(schema)))}`)
    .join(", ")

const errorsOf = (declaration: Endpoint.Declaration): string =>
  [
    ...errorTags(declaration),
    ...(declaration.idempotent ? [] : ["OutcomeUnknown"]),
    ...(declaration.followUp?._tag === "Starts" ? ["JournalFailed"] : [])
  ]
    .map(code)
    .join(", ")

const rowOf = (name: string, declaration: Endpoint.Declaration): string => {
  const privilege = privilegeOf(name)
  const cells = [
    code(`${declaration.method} ${declaration.path.replace(/:(\w+)/g, "{$1}")}`),
    code(name),
    code(functionOf(name)),
    privilege === undefined ? declaration.apiKey : `${declaration.apiKey}: ${privilege}`,
    declaration.limits.map(limitOf).join("; ") || "none",
    requestOf(declaration),
    repliesOf(declaration),
    errorsOf(declaration)
  ]
  return `| ${cells.join(" | ")} |`
}

const methods: ReadonlyArray<Endpoint.Method> = ["GET", "POST", "PUT", "PATCH", "DELETE"]

const positionOf = ({ method, path }: Endpoint.Declaration): string => `${path} ${methods.indexOf(method)}`

const tableOf = (resource: string): string => {
  const rows = [...endpoints]
    .filter(([name]) => resourceOf(name) === resource)
    .sort(([, one], [, other]) => (positionOf(one) < positionOf(other) ? -1 : 1))
    .map(([name, declaration]) => rowOf(name, declaration))
  return `## ${resource}

| operation | service | function | key | limits | request | replies | errors |
|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`
}

const declared = operationsOf(documentOf(endpoints).paths)
const declaredOf = (names: ReadonlyArray<string>): number => names.filter((name) => declared.has(name)).length
const publishedOperations = [...operationsOf(published.paths).keys()]
const known = [...publishedOperations, ...newerOperations]

export const apiPage: string = `# API

This page is generated from the declarations of the endpoints: \`npm run api-docs\` writes it. Do not edit it.

${declaredOf(known)} of ${known.length} operations are declared: ${declaredOf(publishedOperations)} of the ${
  publishedOperations.length
} that the server publishes (version 5.1.5), and ${declaredOf(newerOperations)} of the ${
  newerOperations.length
} that newer servers have in addition. There are ${endpoints.size} services for them, because a price call and a submit are one operation.

- **operation**: method and path, below the base URL.
- **key**: whether the API key is sent, and the accounts that may call if not every account may. With \`none\` it is never sent.
- **limits**: fixed windows, with the maximum of callers that the server trusts in brackets. \`endpoint\` counts all ids and methods of a route together, \`path\` counts each method and path, \`key\` each API key with method and path.
- **request**: query parameters, and the model of the body, or its fields. Models have the names that the server publishes.
- **replies**: the models by status.
- **errors**: those of this endpoint. Each call can fail with \`BadRequest\`, \`ServerError\`, \`UnexpectedResponse\` and \`TransportError\` as well, with \`RateLimited\` if there are limits, and with \`InvalidRequest\` if it has parameters, a body or a key. [Errors](errors.md) explains them.

${[...new Set([...endpoints.keys()].map(resourceOf))].map(tableOf).join("\n")}`
