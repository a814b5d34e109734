import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** The published name of a model: the identifier annotation of its schema. */
export const identifierOf = (schema: Schema.Schema.AnyNoContext): string | undefined =>
  Option.getOrUndefined(AST.getIdentifierAnnotation(schema.ast))
