/**
 * Lists the invalid fields of a value, with the rule that each one breaks. Effect's own formatters print the invalid
 * value, which may be an API key or a prompt.
 */
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

/** Describes a rule. Uses only the schema, not the invalid value. */
const describe = (ast: AST.AST): string => {
  if (AST.isRefinement(ast)) {
    const description = AST.getDescriptionAnnotation(ast)
    if (Option.isSome(description)) return `must be ${description.value}`
    return describe(ast.from)
  }
  if (AST.isTransformation(ast)) return describe(ast.to)
  if (AST.isUnion(ast)) {
    const defined = ast.types.filter((type) => !AST.isUndefinedKeyword(type))
    return defined.length === 1 && defined[0] !== undefined ? describe(defined[0]) : `must be ${String(ast)}`
  }
  return `must be ${String(ast)}`
}

const at = (path: string, name: PropertyKey): string => (path === "" ? String(name) : `${path}.${String(name)}`)

const isIssues = (
  issues: ParseResult.SingleOrNonEmpty<ParseResult.ParseIssue>
): issues is readonly [ParseResult.ParseIssue, ...Array<ParseResult.ParseIssue>] => Array.isArray(issues)

type FieldRules = ReadonlyArray<readonly [field: string, rule: string]>

const collect = (issue: ParseResult.ParseIssue, path: string): FieldRules => {
  switch (issue._tag) {
    case "Composite": {
      const issues = isIssues(issue.issues) ? issue.issues : [issue.issues]
      if (!AST.isUnion(issue.ast)) return issues.flatMap((member) => collect(member, path))
      // in a union, the member that failed deepest has the most specific error
      const deepest = issues.find((member) => member._tag === "Composite" || member._tag === "Refinement")
      return deepest === undefined ? [[path, describe(issue.ast)]] : collect(deepest, path)
    }
    case "Pointer": {
      const names: ReadonlyArray<PropertyKey> = [issue.path].flat()
      return collect(issue.issue, names.reduce<string>(at, path))
    }
    case "Missing":
      return [[path, "is missing"]]
    case "Unexpected":
      return [[path, "unknown field; pass newer fields through `extra`"]]
    case "Refinement":
      return issue.kind === "From" ? collect(issue.issue, path) : [[path, describe(issue.ast)]]
    case "Transformation":
      return collect(issue.issue, path)
    default:
      return [[path, describe(issue.ast)]]
  }
}

/** The broken rule of each invalid field, by its path below `path`. */
export const fieldErrors = (issue: ParseResult.ParseIssue, path: string): { readonly [field: string]: string } =>
  Object.fromEntries(collect(issue, path))
