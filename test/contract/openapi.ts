/** The OpenAPI document of endpoints, made from their declarations. */
import * as OpenApiJsonSchema from "@effect/platform/OpenApiJsonSchema"
import * as Schema from "effect/Schema"
import type * as Endpoint from "effect-horde/Endpoint"
import { errorTags } from "./endpoints.js"

export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: ReadonlyArray<string>
  readonly items?: JsonSchema
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly [keyword: string]: unknown
}

export interface Parameter {
  readonly name: string
  readonly in: "path" | "query"
  readonly required: boolean
  readonly schema: JsonSchema
}

export interface Operation {
  readonly operationId: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content: Content } }
  readonly security: ReadonlyArray<{ readonly apiKey?: ReadonlyArray<never> }>
}

interface Content {
  readonly "application/json": { readonly schema: JsonSchema }
}

export interface Document {
  readonly openapi: "3.1.0"
  readonly info: { readonly title: string; readonly version: string }
  readonly servers: ReadonlyArray<{ readonly url: string }>
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: {
    readonly schemas: { readonly [name: string]: JsonSchema }
    readonly securitySchemes: object
  }
}

const prefix = "#/components/schemas/"

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const mapObjects = (value: unknown, change: (object: { readonly [name: string]: unknown }) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change))
  if (!isObject(value)) return value
  return change(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapObjects(member, change)])))
}

/** The fields in `extra` are sent next to the declared ones: the body itself has no field of this name. */
const withoutExtra = (schema: unknown): unknown =>
  mapObjects(schema, (object) => {
    const { properties } = object
    if (!isObject(properties) || !isObject(properties["extra"])) return object
    const { extra: _, ...declared } = properties
    return { ...object, properties: declared }
  })

/** Collects named schemas. Two schemas under one name are told apart by a number. */
const makeComponents = () => {
  const schemas: Record<string, JsonSchema> = {}
  const nameFor = (name: string, text: string): string => {
    let free = name
    for (let number = 2; free in schemas && JSON.stringify(schemas[free]) !== text; number++) free = `${name}${number}`
    return free
  }
  const add = (schema: Schema.Schema.AnyNoContext): JsonSchema => {
    const defs: Record<string, unknown> = {}
    const root = OpenApiJsonSchema.makeWithDefs(schema, { defs, additionalPropertiesStrategy: "allow" })
    const names = new Map<string, string>()
    const renamed = (value: unknown): JsonSchema =>
      mapObjects(withoutExtra(value), (object) => {
        const name = typeof object["$ref"] === "string" ? object["$ref"].slice(prefix.length) : undefined
        return name === undefined ? object : { ...object, $ref: `${prefix}${names.get(name) ?? name}` }
      }) as JsonSchema
    for (const [name, definition] of Object.entries(defs)) {
      names.set(name, nameFor(name, JSON.stringify(renamed(definition))))
    }
    for (const [name, definition] of Object.entries(defs)) schemas[names.get(name) ?? name] = renamed(definition)
    return renamed(root)
  }
  return { add, schemas }
}

/** The JSON schema of one model, by reference if it has a name. */
export const jsonSchemaOf = (schema: Schema.Schema.AnyNoContext): JsonSchema => makeComponents().add(schema)

const RequestError = Schema.Struct({
  message: Schema.String,
  rc: Schema.optional(Schema.String),
  errors: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
}).annotations({ identifier: "RequestError" })

const statuses: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  KudosRefused: 403,
  NotFound: 404,
  Locked: 423,
  TooManyJobs: 429
}

/** The statuses of the refusals of an endpoint. Every call can be invalid, and every call with a limit be too early. */
const refusalsOf = (declaration: Endpoint.Declaration): ReadonlyArray<number> => [
  400,
  ...(declaration.limits.length === 0 ? [] : [429]),
  ...errorTags(declaration).flatMap((tag) => statuses[tag] ?? [])
]

const content = (schema: JsonSchema): Content => ({ "application/json": { schema } })

export const documentOf = (declarations: ReadonlyMap<string, Endpoint.Declaration>): Document => {
  const { add, schemas } = makeComponents()
  const refusal = add(RequestError)

  const parametersIn = (place: "path" | "query", fields: Endpoint.Fields = {}): ReadonlyArray<Parameter> => {
    // the cast drops the requirements: no field of an endpoint has any
    const all = add(Schema.Struct(fields) as unknown as Schema.Schema.AnyNoContext)
    return Object.entries(all.properties ?? {}).map(([name, schema]) => ({
      name,
      in: place,
      required: all.required?.includes(name) === true,
      schema
    }))
  }

  const operationOf = (name: string, declaration: Endpoint.Declaration): Operation => {
    const { apiKey, params, payload, query, success } = declaration
    const replies = Object.entries(success).map(([status, schema]) => [status, content(add(schema))] as const)
    const refusals = refusalsOf(declaration).map((status) => [String(status), content(refusal)] as const)
    return {
      operationId: name,
      parameters: [...parametersIn("path", params), ...parametersIn("query", query)],
      ...(payload === undefined ? {} : { requestBody: { required: true, content: content(add(payload)) } }),
      responses: Object.fromEntries(
        [...replies, ...refusals].map(([status, content]) => [status, { description: status, content }])
      ),
      security: apiKey === "none" ? [] : apiKey === "optional" ? [{}, { apiKey: [] }] : [{ apiKey: [] }]
    }
  }

  /** A submit and a price call are the same operation: either body may be sent. */
  const merged = (one: Operation | undefined, other: Operation): Operation => {
    if (one === undefined) return other
    const bodies = [one, other].flatMap(({ requestBody }) =>
      requestBody === undefined ? [] : [requestBody.content["application/json"].schema]
    )
    return {
      ...one,
      requestBody: { required: true, content: content({ anyOf: bodies }) },
      responses: { ...one.responses, ...other.responses }
    }
  }

  const paths: Record<string, Record<string, Operation>> = {}
  // a submit comes before the price call of its route, and names the operation
  const starts = ([, { followUp }]: readonly [string, Endpoint.Declaration]) => (followUp?._tag === "Starts" ? 0 : 1)
  for (const [name, declaration] of [...declarations].sort((one, other) => starts(one) - starts(other))) {
    const path = declaration.path.replace(/:(\w+)/g, "{$1}")
    const method = declaration.method.toLowerCase()
    const methods = paths[path] ?? {}
    paths[path] = { ...methods, [method]: merged(methods[method], operationOf(name, declaration)) }
  }
  return {
    openapi: "3.1.0",
    info: { title: "AI Horde, as declared by effect-horde", version: "0.1.0" },
    servers: [{ url: "https://aihorde.net/api" }],
    paths,
    components: {
      schemas,
      securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "apikey" } }
    }
  }
}
