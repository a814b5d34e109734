/**
 * `docs/coming-from-horde-sdk.md` is checked against a build of the package and the names of the Python pages.
 *
 * The package is built into a folder of its own, so that the test does not depend on an earlier build.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(join(root, "docs", "coming-from-horde-sdk.md"), "utf8")

/** Page → class → members, as the Python documentation lists them. */
const pages: Record<string, Record<string, ReadonlyArray<string>>> = JSON.parse(
  readFileSync(new URL("./horde-sdk-pages.json", import.meta.url), "utf8")
)

interface Row {
  /** The heading above the table, without its backticks. */
  readonly section: string
  readonly there: string
  readonly here: string
  readonly what: string
}

const header = /^\| *(there|their page) *\| *here *\|/

const rowsOf = (markdown: string): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  let section = ""
  for (const line of markdown.split("\n")) {
    if (line.startsWith("#")) section = line.replace(/^#+ /, "").replaceAll("`", "")
    if (!line.startsWith("|") || /^\|[-|]+$/.test(line) || header.test(line)) continue
    const [before, there = "", here = "", what = "", after, ...more] = line.split("|").map((cell) => cell.trim())
    assert.deepStrictEqual([before, after, more], ["", "", []], `not a row of three cells: ${line}`)
    rows.push({ section, there, here, what })
  }
  return rows
}

const spansOf = (markdown: string): ReadonlyArray<string> =>
  Array.from(markdown.matchAll(/`([^`]+)`/g), ([, span = ""]) => span)

/** `Module.name.member[200]#field.field`, anywhere in an expression. */
const reference = /(?<![\w.])[A-Z]\w*(?:\.\w+|\[\d+\])*(?:#[\w.]+)?\(?/g

const fieldOf = (ast: AST.AST, name: string): AST.AST | undefined => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures.find((field) => field.name === name)?.type
    case "Refinement":
      return fieldOf(ast.from, name)
    case "Suspend":
      return fieldOf(ast.f(), name)
    case "TupleType":
      return [...ast.elements, ...ast.rest].map(({ type }) => fieldOf(type, name)).find((type) => type !== undefined)
    case "Union":
      return ast.types.map((type) => fieldOf(type, name)).find((type) => type !== undefined)
    default:
      return undefined
  }
}

const hasField = (ast: AST.AST, path: string): boolean =>
  path.split(".").reduce<AST.AST | undefined>((at, name) => at && fieldOf(at, name), ast) !== undefined

const missing = Symbol("missing")

/** The member of the exports at a path, or {@link missing}. */
const valueAt = (exports: object, path: string): unknown => {
  let value: unknown = exports
  for (const name of path.split(/[.[\]]+/).filter((part) => part !== "")) {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || !(name in value)) return missing
    value = Reflect.get(value, name)
  }
  return value
}

/** The error in a reference, or `undefined`. */
const faultOf = (exports: object, text: string): string | undefined => {
  const isCall = text.endsWith("(")
  const [path = "", fields] = text.replace(/\($/, "").split("#")
  const value = valueAt(exports, path)
  if (value === missing) return `there is no ${text}`
  if (isCall && typeof value !== "function") return `${text} is no function`
  if (fields === undefined) return undefined
  if (!Schema.isSchema(value)) return `${text} is no model`
  const isThere = hasField(AST.typeAST(value.ast), fields) && hasField(AST.encodedAST(value.ast), fields)
  return isThere ? undefined : `there is no field ${text}`
}

const faultsOf = (exports: object, span: string): ReadonlyArray<string> => {
  const references = span.match(reference) ?? []
  if (references[0] === undefined || !span.startsWith(references[0]))
    return [`\`${span}\` names nothing of the package`]
  return references.flatMap((text) => faultOf(exports, text) ?? [])
}

describe("docs/coming-from-horde-sdk.md", () => {
  const folder = join(root, "packages", "horde")
  const cache = join(folder, "node_modules", ".cache")
  let out = ""
  let exports: object = {}

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true })
    out = mkdtempSync(join(cache, "coming-from-horde-sdk-"))
    const tsup = join(root, "node_modules", "tsup", "dist", "cli-default.js")
    execFileSync(process.execPath, [tsup, "--out-dir", out], { cwd: folder, stdio: "pipe" })
    exports = await import(/* @vite-ignore */ pathToFileURL(join(out, "index.js")).href)
  })

  afterAll(() => rmSync(out, { recursive: true, force: true }))

  const rows = rowsOf(page)

  it("the page's tables name only exports of the built package", () => {
    const spans = rows.flatMap(({ here }) => spansOf(here))
    assert.isAbove(new Set(spans).size, 90)
    for (const { section, there, here } of rows) assert.isNotEmpty(spansOf(here), `${section}: ${there}`)
    assert.deepStrictEqual([...new Set(spans.flatMap((span) => faultsOf(exports, span)))], [])
  })

  it("the page's sentences name only exports of the built package", () => {
    const spans = spansOf(page).filter((span) => Object.keys(exports).some((module) => span.startsWith(`${module}.`)))
    assert.isAbove(spans.length, 200)
    assert.deepStrictEqual([...new Set(spans.flatMap((span) => faultsOf(exports, span)))], [])
  })

  it("the page has a row for every class and every member of the Python pages, and marks additional rows", () => {
    let members = 0
    for (const [name, classes] of Object.entries(pages)) {
      assert.isDefined(
        rows.find(({ there }) => there === `\`${name}\``),
        name
      )
      for (const [className, expected] of Object.entries(classes)) {
        const own = rows.filter(({ section }) => section === className)
        const listed = own.filter(({ what }) => !what.startsWith("Not on their page.")).map(({ there }) => there)
        assert.deepStrictEqual(
          [...listed].sort(),
          [className, ...expected].map((member) => `\`${member}\``).sort(),
          className
        )
        assert.strictEqual(new Set(own.map(({ there }) => there)).size, own.length, `twice in ${className}`)
        for (const { there, what } of own) assert.match(what, /\.$/, `${className} ${there}`)
        members += expected.length
      }
    }
    assert.deepStrictEqual(
      Object.values(pages).map((classes) => Object.keys(classes).length),
      [8, 5]
    )
    assert.strictEqual(members, 226)
  })

  it("the page quotes values as they are", () => {
    let quoted = 0
    for (const { section, there, here, what } of rows) {
      const said = /^(?:"([^"]*)"|`undefined`)/.exec(what)
      const [, model, path] = /^`(?:EndpointMetadata\.modelName\(([\w.]+)\)|([\w.]+))`$/.exec(here) ?? []
      if (said === null || (model ?? path) === undefined) continue
      const value = valueAt(exports, model ?? path ?? "")
      const actual =
        model === undefined
          ? value
          : AST.getIdentifierAnnotation((value as Schema.Schema.Any).ast).pipe(Option.getOrUndefined)
      assert.strictEqual(actual, said[1], `${section}: ${there}`)
      quoted += 1
    }
    assert.isAbove(quoted, 25)
  })

  it("the test detects a name that does not exist", () => {
    assert.deepStrictEqual(faultsOf(exports, "SharedKeys.Get.declaration.method"), [])
    assert.deepStrictEqual(faultsOf(exports, "EndpointMetadata.url(SharedKeys.Get, { params: { id } })"), [])
    assert.deepStrictEqual(faultsOf(exports, "ImageGeneration.RequestStatusStable#generations.img"), [])
    for (const wrong of [
      "SharedKeys.Gett",
      "SharedKey.Get",
      "SharedKeys.Get.declaration.success[404]",
      "SharedKeys.SharedKeyDetails#used",
      "ImageGeneration.RequestStatusStable#generations.image",
      "SharedKeys.get#id",
      "SharedKeys.Get.declaration.method()",
      "EndpointMetadata.url(SharedKeys.Gett, request)",
      "request"
    ]) {
      assert.lengthOf(faultsOf(exports, wrong), 1, wrong)
    }
  })
})
