/**
 * Decodes replies tolerantly: one unexpected value must not make the whole reply fail.
 *
 * A reply that decodes is not changed. Any other reply is repaired by its schema and decoded again: undecodable list
 * items are dropped, undecodable optional fields become absent, and numbers, booleans and texts are converted into each
 * other.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { decoderOf, isRecord, misfit } from "./directDecoder.js"

const FallbackId = Symbol.for("effect-horde/annotation/Fallback")

interface Fallback {
  readonly value: unknown
  readonly isForAbsent: boolean
}

/** Sets the encoded value that replaces an undecodable value of this schema in a required field. */
export const fallback = <A, I>(schema: Schema.Schema<A, I>, value: NoInfer<I>): Schema.Schema<A, I> =>
  schema.annotations({ [FallbackId]: { value, isForAbsent: false } satisfies Fallback })

/** Like {@link fallback}, but the value also replaces an absent required field. */
export const fallbackWhenAbsent = <A, I>(schema: Schema.Schema<A, I>, value: NoInfer<I>): Schema.Schema<A, I> =>
  schema.annotations({ [FallbackId]: { value, isForAbsent: true } satisfies Fallback })

const fallbackOf = AST.getAnnotation<Fallback>(FallbackId)

type Decode = (value: unknown) => Either.Either<unknown, ParseResult.ParseIssue>

const fits = (ast: AST.AST, value: unknown): boolean => decoderOf(ast)(value) !== misfit

const asText = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : value

const asNumber = (value: unknown): unknown => {
  if (typeof value === "boolean") return Number(value)
  if (typeof value !== "string" || value.length > 400 || value.trim() === "") return value
  const number = Number(value)
  return Number.isNaN(number) ? value : number
}

const asBoolean = (value: unknown): unknown => {
  if (value === 1 || value === 0) return value === 1
  const text = typeof value === "string" ? value.trim().toLowerCase() : undefined
  if (text === "true" || text === "1") return true
  return text === "false" || text === "0" ? false : value
}

const repairStruct = (ast: AST.TypeLiteral, value: unknown): unknown => {
  const repaired: Record<PropertyKey, unknown> = isRecord(value) ? { ...value } : {}
  for (const { isOptional, name, type } of ast.propertySignatures) {
    const isPresent = name in repaired
    if (isPresent) {
      const member = repair(type, repaired[name])
      if (fits(type, member)) {
        repaired[name] = member
        continue
      }
      if (isOptional) {
        delete repaired[name]
        continue
      }
    } else if (isOptional) continue
    const replacement = fallbackOf(type)
    if (Option.isSome(replacement) && (isPresent || replacement.value.isForAbsent)) {
      repaired[name] = replacement.value.value
    }
  }
  return repaired
}

/** Drops items that cannot be repaired. */
const repairItems = (item: AST.AST, values: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  values.flatMap((value) => {
    const repaired = repair(item, value)
    return fits(item, repaired) ? [repaired] : []
  })

const repair = (ast: AST.AST, value: unknown): unknown => {
  if (fits(ast, value)) return value
  switch (ast._tag) {
    case "StringKeyword":
      return asText(value)
    case "NumberKeyword":
      return asNumber(value)
    case "BooleanKeyword":
      return asBoolean(value)
    case "TypeLiteral":
      return repairStruct(ast, value)
    case "TupleType": {
      const item = ast.rest[0]?.type
      return item === undefined || !Array.isArray(value) ? value : repairItems(item, value)
    }
    case "Union": {
      for (const member of ast.types) {
        const repaired = repair(member, value)
        if (fits(member, repaired)) return repaired
      }
      return value
    }
    case "Refinement":
    case "Transformation":
      return repair(ast.from, value)
    case "Suspend":
      return repair(ast.f(), value)
    default:
      return value
  }
}

/** The decoder of a reply. */
export const tolerantDecoder = (schema: Schema.Schema.AnyNoContext): Decode => {
  const decodeDirectly = decoderOf(schema.ast)
  return (value) => {
    const direct = decodeDirectly(value)
    if (direct !== misfit) return Either.right(direct)
    // only objects and lists have parts to repair
    const isRepairable = isRecord(value) || Array.isArray(value)
    // compiled here, because most endpoints never get such a reply
    return ParseResult.decodeUnknownEither(schema)(isRepairable ? repair(schema.ast, value) : value)
  }
}
