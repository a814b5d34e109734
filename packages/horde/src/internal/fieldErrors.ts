/**
 * Says which fields broke which rules. Effect's own formatters print the value that was refused, which may be a key or
 * a prompt.
 */
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"

/** A rule in words, from the schema alone. */
const describe = (ast: AST.AST): string => {
  if (AST.isRefinement(ast)) {
    const said = AST.getDescriptionAnnotation(ast)
    if (Option.isSome(said)) return `must be ${said.value}`
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

const collect = (issue: ParseResult.ParseIssue, path: string, found: Map<string, string>): void => {
  switch (issue._tag) {
    case "Composite": {
      const issues = isIssues(issue.issues) ? issue.issues : [issue.issues]
      // of a union, the member that came furthest speaks
      if (AST.isUnion(issue.ast)) {
        const deep = issues.find((member) => member._tag === "Composite" || member._tag === "Refinement")
        if (deep !== undefined) return collect(deep, path, found)
        found.set(path, describe(issue.ast))
        return
      }
      for (const member of issues) collect(member, path, found)
      return
    }
    case "Pointer": {
      const names: ReadonlyArray<PropertyKey> = Array.isArray(issue.path) ? issue.path : [issue.path as PropertyKey]
      return collect(issue.issue, names.reduce<string>(at, path), found)
    }
    case "Missing":
      found.set(path, "is missing")
      return
    case "Unexpected":
      found.set(path, "is not known; put what is newer than this library into `extra`")
      return
    case "Refinement":
      if (issue.kind === "From") return collect(issue.issue, path, found)
      found.set(path, describe(issue.ast))
      return
    case "Transformation":
      return collect(issue.issue, path, found)
    default:
      found.set(path, describe(issue.ast))
  }
}

/** Field path → rule, below `path`. */
export const fieldErrors = (issue: ParseResult.ParseIssue, path: string): { readonly [field: string]: string } => {
  const found = new Map<string, string>()
  collect(issue, path, found)
  return Object.fromEntries(found)
}
