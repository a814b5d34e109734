/**
 * Decodes values that fit their schema. Most replies do, and a list may have thousands of objects with optional fields,
 * which `ParseResult` decodes in several passes. Objects, lists, fields that may be `null` and simple values are decoded
 * here in one pass, and everything else by `ParseResult`.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** The result of a value that does not fit its schema. */
export const misfit = Symbol.for("effect-horde/Misfit")

/** Returns the decoded value, or {@link misfit}. */
export type Decode = (value: unknown) => unknown

const ofType =
  (type: "string" | "number" | "boolean"): Decode =>
  (value) =>
    typeof value === type ? value : misfit

const byParseResult = (ast: AST.AST): Decode => {
  const decode = ParseResult.decodeUnknownEither({ ast } as Schema.Schema.AnyNoContext)
  return (value) => Either.getOrElse(decode(value), () => misfit)
}

type UnknownRecord = { readonly [name: string]: unknown }

export const isRecord = (value: unknown): value is UnknownRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)

interface Field {
  readonly name: string
  /** The name and the value after a transformation of the field, such as one that drops `null`. */
  readonly transformed: AST.PropertySignatureTransformation | undefined
  readonly isOptional: boolean
  readonly decode: Decode
}

const fieldsOf = (
  ast: AST.TypeLiteral,
  transformations: ReadonlyArray<AST.PropertySignatureTransformation>
): ReadonlyArray<Field> =>
  ast.propertySignatures.map(({ isOptional, name, type }) => ({
    name: String(name),
    transformed: transformations.find(({ from }) => from === name),
    isOptional,
    decode: decoderOf(type)
  }))

/** A field that the decoded object does not have. */
const absent = Symbol.for("effect-horde/Absent")

const decodeField = ({ decode, isOptional, name, transformed }: Field, value: UnknownRecord): unknown => {
  const isPresent = Object.hasOwn(value, name)
  if (!isPresent && !isOptional) return misfit
  const decoded = isPresent ? decode(value[name]) : absent
  if (transformed === undefined || decoded === misfit) return decoded
  const result = transformed.decode(decoded === absent ? Option.none() : Option.some(decoded))
  return Option.isSome(result) ? result.value : absent
}

/** An object whose fields are all declared and unchanged is not copied. */
const objectDecoder = (fields: ReadonlyArray<Field>): Decode => {
  const names = fields.map(({ name, transformed }) => String(transformed?.to ?? name))
  const isRenamed = fields.some(({ name }, index) => name !== names[index])
  return (value) => {
    if (!isRecord(value)) return misfit
    const members: Array<unknown> = []
    let present = 0
    let hasSameFields = !isRenamed
    let isChanged = false
    for (const field of fields) {
      const member = decodeField(field, value)
      if (member === misfit) return misfit
      members.push(member)
      const isPresent = Object.hasOwn(value, field.name)
      if (isPresent) present++
      if (isPresent !== (member !== absent)) hasSameFields = false
      else if (isPresent && member !== value[field.name]) isChanged = true
    }
    hasSameFields &&= present === Object.keys(value).length
    if (hasSameFields && !isChanged) return value
    const decoded: Record<string, unknown> = hasSameFields ? { ...value } : {}
    for (const [index, name] of names.entries()) {
      const member = members[index]
      if (member !== absent && (!hasSameFields || member !== value[name])) decoded[name] = member
    }
    return decoded
  }
}

const listDecoder = (item: AST.AST): Decode => {
  const decode = decoderOf(item)
  return (value) => {
    if (!Array.isArray(value)) return misfit
    let decoded: Array<unknown> | undefined
    for (const [index, element] of value.entries()) {
      const one = decode(element)
      if (one === misfit) return misfit
      if (one !== element) decoded ??= value.slice(0, index)
      decoded?.push(one)
    }
    return decoded ?? value
  }
}

/** Whether an object has the declared fields only. */
const isClosed = (ast: AST.AST): ast is AST.TypeLiteral =>
  AST.isTypeLiteral(ast) && ast.indexSignatures.length === 0 && ast.propertySignatures.length > 0

/** Objects of a union are told apart by `ParseResult`. */
const isObject = (ast: AST.AST): boolean => AST.isTypeLiteral(ast) || AST.isTransformation(ast) || AST.isSuspend(ast)

const unionDecoder = (members: ReadonlyArray<AST.AST>): Decode => {
  const decoders = members.map(decoderOf)
  return (value) => {
    for (const decode of decoders) {
      const decoded = decode(value)
      if (decoded !== misfit) return decoded
    }
    return misfit
  }
}

const refinementDecoder = (ast: AST.Refinement): Decode => {
  const decode = decoderOf(ast.from)
  return (value) => {
    const decoded = decode(value)
    if (decoded === misfit) return misfit
    return Option.isNone(ast.filter(decoded, AST.defaultParseOption, ast)) ? decoded : misfit
  }
}

const compile = (ast: AST.AST): Decode => {
  switch (ast._tag) {
    case "StringKeyword":
      return ofType("string")
    case "NumberKeyword":
      return ofType("number")
    case "BooleanKeyword":
      return ofType("boolean")
    case "Literal":
      return (value) => (value === ast.literal ? value : misfit)
    case "Refinement":
      return refinementDecoder(ast)
    case "TypeLiteral":
      return isClosed(ast) ? objectDecoder(fieldsOf(ast, [])) : byParseResult(ast)
    case "Transformation": {
      const { from, transformation } = ast
      return isClosed(from) && AST.isTypeLiteralTransformation(transformation)
        ? objectDecoder(fieldsOf(from, transformation.propertySignatureTransformations))
        : byParseResult(ast)
    }
    case "TupleType": {
      const [item, ...others] = ast.rest
      const isList = item !== undefined && others.length === 0 && ast.elements.length === 0
      return isList ? listDecoder(item.type) : byParseResult(ast)
    }
    case "Union":
      return ast.types.filter(isObject).length <= 1 ? unionDecoder(ast.types) : byParseResult(ast)
    default:
      return byParseResult(ast)
  }
}

const decoders = new WeakMap<AST.AST, Decode>()

/** The decoder of a schema, compiled at its first use. */
export const decoderOf = (ast: AST.AST): Decode => {
  let decode = decoders.get(ast)
  if (decode === undefined) {
    decode = compile(ast)
    decoders.set(ast, decode)
  }
  return decode
}
