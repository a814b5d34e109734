/** Removes the ranges and other refinements of a schema. The server may accept larger ranges than the published ones. */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

const strip = (ast: AST.AST): AST.AST => {
  switch (ast._tag) {
    case "Refinement":
      return strip(ast.from)
    case "TypeLiteral":
      return new AST.TypeLiteral(
        ast.propertySignatures.map(
          (field) =>
            new AST.PropertySignature(
              field.name,
              strip(field.type),
              field.isOptional,
              field.isReadonly,
              field.annotations
            )
        ),
        ast.indexSignatures,
        ast.annotations
      )
    case "TupleType":
      return new AST.TupleType(
        ast.elements.map(
          (element) => new AST.OptionalType(strip(element.type), element.isOptional, element.annotations)
        ),
        ast.rest.map((item) => new AST.Type(strip(item.type), item.annotations)),
        ast.isReadonly,
        ast.annotations
      )
    case "Transformation":
      return new AST.Transformation(strip(ast.from), strip(ast.to), ast.transformation, ast.annotations)
    case "Union":
      return AST.Union.make(ast.types.map(strip), ast.annotations)
    default:
      return ast
  }
}

/** The same schema without refinements, nested ones included. */
export const withoutRefinements = (schema: Schema.Schema.AnyNoContext): Schema.Schema.AnyNoContext =>
  Schema.make(strip(schema.ast))
