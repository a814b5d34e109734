/** Compares operations: those that the server publishes (Swagger 2) with those that are declared here (OpenAPI 3.1). */
import type { Document, JsonSchema, Operation, Parameter } from "./openapi.js"

export interface Published {
  readonly paths: Paths<PublishedOperation, PublishedParameter>
  readonly definitions: { readonly [name: string]: JsonSchema }
}

/** The schema of the body is in `schema`, the one of another parameter is the parameter itself. */
interface PublishedParameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: JsonSchema
  readonly [keyword: string]: unknown
}

interface PublishedOperation {
  readonly parameters?: ReadonlyArray<PublishedParameter>
  readonly responses: { readonly [status: string]: { readonly schema?: JsonSchema } }
}

/** The path with `{}` for each parameter: parameters have other names here. */
const templateOf = (path: string): string => path.replace(/\{\w+\}/g, "{}")

const methods = ["get", "post", "put", "patch", "delete"] as const

interface Paths<Operation, Parameter> {
  readonly [path: string]: { readonly [method in (typeof methods)[number]]?: Operation } & {
    readonly parameters?: ReadonlyArray<Parameter>
  }
}

/** The operations by method and path, each with the parameters of its path. */
export const operationsOf = <Parameter, Operation extends { readonly parameters?: ReadonlyArray<Parameter> }>(
  paths: Paths<Operation, Parameter>
): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = item[method]
        if (operation === undefined) return []
        const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
        return [[`${method.toUpperCase()} ${templateOf(path)}`, { ...operation, parameters }] as const]
      })
    )
  )

type Lookup = (ref: string) => JsonSchema

const lookupIn =
  (definitions: { readonly [name: string]: JsonSchema }): Lookup =>
  (ref) => {
    const found = definitions[nameOf(ref)]
    if (found === undefined) throw new Error(`there is no definition ${ref}`)
    return found
  }

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1)

const isNull = ({ type }: JsonSchema): boolean => type === "null"

/** Replaces references by their definitions, and unites the fields of parts and alternatives. */
const resolve = (schema: JsonSchema, lookup: Lookup): JsonSchema => {
  const { $ref, allOf, anyOf, ...own } = schema
  if ($ref !== undefined) return { ...resolve(lookup($ref), lookup), ...own }
  const parts = (allOf ?? anyOf ?? []).filter((part) => !isNull(part)).map((part) => resolve(part, lookup))
  const [first] = parts
  if (first === undefined) return own
  const isRequired = (name: string) =>
    allOf === undefined
      ? parts.every(({ required }) => required?.includes(name))
      : parts.some(({ required }) => required?.includes(name))
  const properties = Object.assign({}, ...parts.map((part) => part.properties).reverse())
  return {
    ...first,
    ...(parts.some(({ type }) => type !== first.type) ? { type: "any" } : {}),
    ...(Object.keys(properties).length === 0
      ? {}
      : { properties, required: Object.keys(properties).filter(isRequired) })
  }
}

const keywords = ["minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"]

/** The type of the values that a schema of a reply accepts: fractions, too, where the server publishes whole numbers. */
const acceptedType = ({ type = "any" }: JsonSchema): string => (type === "integer" ? "number" : type)

export interface Comparison {
  /** What differs, by the published definition: `PopInput.name: required here only`. */
  readonly differences: ReadonlySet<string>
  /** The published values of fields and query parameters, by their place: `SubmitInput.state`, `reply Generation.state`. */
  readonly enums: ReadonlyMap<string, ReadonlyArray<string>>
}

export const compare = (published: Published, declared: Document): Comparison => {
  const differences = new Set<string>()
  const enums = new Map<string, ReadonlyArray<string>>()
  const theirDefinition = lookupIn(published.definitions)
  const ourDefinition = lookupIn(declared.components.schemas)

  const compareNames = (place: string, theirs: JsonSchema, ours: JsonSchema): void => {
    for (const name of Object.keys(theirs.properties ?? {})) {
      // `*` is how the server publishes a free-form object
      if (name === "*") continue
      if (ours.properties?.[name] === undefined) differences.add(`${place}.${name}: not declared`)
    }
  }

  const compareInput = (at: string, theirSchema: JsonSchema, ourSchema: JsonSchema): void => {
    const place = theirSchema.$ref === undefined ? at : nameOf(theirSchema.$ref)
    const theirs = resolve(theirSchema, theirDefinition)
    const ours = resolve(ourSchema, ourDefinition)
    if (theirs.type !== ours.type) differences.add(`${place}: ${theirs.type}, here ${ours.type ?? "any"}`)
    for (const keyword of keywords) {
      if (theirs[keyword] !== ours[keyword]) {
        differences.add(`${place}: ${keyword} ${theirs[keyword] ?? "none"}, here ${ours[keyword] ?? "none"}`)
      }
    }
    if (Array.isArray(theirs["enum"])) enums.set(place, theirs["enum"])
    if (theirs.items !== undefined && ours.items !== undefined) compareInput(`${place}[]`, theirs.items, ours.items)
    if (theirs.properties === undefined) return
    compareNames(place, theirs, ours)
    for (const [name, field] of Object.entries(ours.properties ?? {})) {
      const their = theirs.properties[name]
      if (their === undefined) {
        differences.add(`${place}.${name}: not published`)
        continue
      }
      const [here, there] = [ours, theirs].map(({ required }) => required?.includes(name) === true)
      if (here !== there) differences.add(`${place}.${name}: required ${here ? "here" : "by the server"} only`)
      compareInput(`${place}.${name}`, their, field)
    }
  }

  /** Replies are decoded tolerantly, so that their ranges and required fields are of no interest. */
  const compareReply = (at: string, theirSchema: JsonSchema, ourSchema: JsonSchema): void => {
    const place = theirSchema.$ref === undefined ? at : `reply ${nameOf(theirSchema.$ref)}`
    const theirs = resolve(theirSchema, theirDefinition)
    const ours = resolve(ourSchema, ourDefinition)
    if (acceptedType(ours) !== "any" && acceptedType(theirs) !== acceptedType(ours)) {
      differences.add(`${at}: ${theirs.type}, here ${ours.type}`)
      return
    }
    if (Array.isArray(theirs["enum"])) enums.set(place, theirs["enum"])
    if (theirs.items !== undefined && ours.items !== undefined) compareReply(`${place}[]`, theirs.items, ours.items)
    compareNames(place, theirs, ours)
    for (const [name, field] of Object.entries(ours.properties ?? {})) {
      const their = theirs.properties?.[name]
      if (their !== undefined) compareReply(`${place}.${name}`, their, field)
    }
  }

  /** Parameters of the query are the same by name, those of the path by position. */
  const compareParameters = (
    operation: string,
    theirs: ReadonlyArray<PublishedParameter>,
    ours: Operation["parameters"]
  ): void => {
    const inQuery = <P extends { readonly name: string; readonly in: string }>(all: ReadonlyArray<P>) =>
      new Map(all.filter((one) => one.in === "query").map((one) => [`?${one.name}`, one]))
    const inPath = <P extends { readonly in: string }>(all: ReadonlyArray<P>) =>
      new Map(all.filter((one) => one.in === "path").map((one, index) => [`{${index}}`, one]))
    const their = new Map([...inQuery(theirs), ...inPath(theirs)])
    const our = new Map([...inQuery(ours), ...inPath(ours)])
    for (const one of their.keys()) if (!our.has(one)) differences.add(`${operation} ${one}: not declared`)
    for (const [one, { required, schema }] of our) {
      const expected = their.get(one)
      if (expected === undefined) {
        differences.add(`${operation} ${one}: not published`)
        continue
      }
      const { required: isRequired = false, in: _in, name: _name, schema: _schema, ...own } = expected
      if (isRequired !== required) differences.add(`${operation} ${one}: required differs`)
      compareInput(`${operation} ${one}`, own, schema)
      // the values of these are in texts only, but for the default
      if (own["type"] === "string" && typeof own["default"] === "string") {
        enums.set(`${operation} ${one}`, [own["default"]])
      }
    }
  }

  const compareOperation = (name: string, theirs: PublishedOperation, ours: Operation): void => {
    const parameters = theirs.parameters ?? []
    const key = parameters.find((one) => one.name === "apikey")
    const wants = key === undefined ? "none" : key.required === true ? "required" : "optional"
    const sends = ours.security.length === 0 ? "none" : ours.security.length === 1 ? "required" : "optional"
    if (wants !== sends) differences.add(`${name}: apikey ${wants}, here ${sends}`)
    compareParameters(name, parameters, ours.parameters)
    const body = parameters.find((one) => one.in === "body")?.schema
    const payload = ours.requestBody?.content["application/json"].schema
    if ((body === undefined) !== (payload === undefined)) differences.add(`${name}: only one side has a body`)
    if (body !== undefined && payload !== undefined) compareInput(name, body, payload)
    for (const [status, { schema }] of Object.entries(theirs.responses)) {
      const reply = ours.responses[status]?.content["application/json"].schema
      if (status.startsWith("2") && reply === undefined) differences.add(`${name}: status ${status} is not declared`)
      if (status.startsWith("2") && reply !== undefined && schema !== undefined)
        compareReply(`reply ${name}`, schema, reply)
    }
  }

  const theirOperations = operationsOf<PublishedParameter, PublishedOperation>(published.paths)
  for (const [name, ours] of operationsOf<Parameter, Operation>(declared.paths)) {
    const theirs = theirOperations.get(name)
    if (theirs === undefined) differences.add(`${name}: not published`)
    else compareOperation(name, theirs, ours)
  }
  return { differences, enums }
}
