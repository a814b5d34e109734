/**
 * Whether a field identifies a request: if a submit got no reply, its job is found by comparing the request that was
 * sent with the requests that the server reports.
 */
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { fieldsOf } from "./ast.js"

/**
 * How a field of a sent request compares with the same field of a reported one.
 *
 * - `content`: the server reports the value as it was sent, or fills in a default; this is the default annotation,
 * - `contentWithoutDefault`: the same, but the server never fills in a default,
 * - `presence`: the server reports the value in another form, so that only its presence can be compared,
 * - `none`: the field cannot be compared.
 */
export type Identity = "content" | "contentWithoutDefault" | "presence" | "none"

const IdentityId = Symbol.for("effect-horde/annotation/Identity")

/** Annotates a field of a request with how it is compared. */
export const identity = <S extends Schema.Annotable.All>(schema: S, by: Identity): Schema.Annotable.Self<S> =>
  Schema.annotations<S>({ [IdentityId]: by })(schema)

const annotated = (ast: AST.AST): unknown =>
  ast.annotations[IdentityId] ??
  (ast._tag === "Union" ? ast.types.map(annotated).find((by) => by !== undefined) : undefined)

/** The names of the fields that identify a request. */
export interface RequestIdentity {
  /** The fields whose content is compared. An object such as `params` is compared field by field. */
  readonly content: ReadonlyArray<string>
  /** The fields of which only the presence is compared. */
  readonly presence: ReadonlyArray<string>
  /** The fields of `content` that the server never fills in, nested ones with their path: `params.seed`. */
  readonly neverFilledIn: ReadonlyArray<string>
}

/** The identifying fields of a request model: the fields that `reported`, the model of a reported request, has too. */
export const requestIdentity = (
  request: Schema.Schema.AnyNoContext,
  reported: Schema.Schema.AnyNoContext
): RequestIdentity => {
  const names = new Set(fieldsOf(reported.ast).map(({ name }) => name))
  const fields = fieldsOf(request.ast)
    .filter(({ name }) => names.has(name))
    .map(({ name, type }) => ({ name: String(name), type, by: annotated(type) ?? "content" }))
  const content = fields.filter(({ by }) => by === "content" || by === "contentWithoutDefault")
  const neverFilledIn = content.flatMap(({ by, name, type }) => [
    ...(by === "contentWithoutDefault" ? [name] : []),
    ...fieldsOf(type)
      .filter((field) => annotated(field.type) === "contentWithoutDefault")
      .map((field) => `${name}.${String(field.name)}`)
  ])
  return {
    content: content.map(({ name }) => name),
    presence: fields.filter(({ by }) => by === "presence").map(({ name }) => name),
    neverFilledIn
  }
}
