/** Reads the structure of a schema: its fields, the items of its list, its name. */
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/** The fields of an object schema; of a union, the fields of all its members. */
export const fieldsOf = (ast: AST.AST): ReadonlyArray<AST.PropertySignature> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures
    case "Refinement":
      return fieldsOf(ast.from)
    case "Transformation":
      return fieldsOf(ast.to)
    case "Union":
      return ast.types.flatMap(fieldsOf)
    default:
      return []
  }
}

/** The item schema of a list. */
export const itemOf = (ast: AST.AST): AST.AST | undefined => {
  switch (ast._tag) {
    case "TupleType":
      return ast.rest[0]?.type
    case "Refinement":
      return itemOf(ast.from)
    case "Union":
      return ast.types.map(itemOf).find((item) => item !== undefined)
    default:
      return undefined
  }
}

/** The published name of a model: the identifier annotation of its schema. */
export const identifierOf = (schema: Schema.Schema.AnyNoContext): string | undefined =>
  Option.getOrUndefined(AST.getIdentifierAnnotation(schema.ast))
