/** Every TypeScript snippet in the docs compiles as a user's own file would. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import ts from "typescript"

const root = fileURLToPath(new URL("../../", import.meta.url))

const filesBelow = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules") && !file.includes("internal"))
    .map((file) => join(folder, file))

const sources = [
  "README.md",
  "CONTRIBUTING.md",
  "packages/horde/README.md",
  "packages/server/README.md",
  "packages/sql/README.md",
  "packages/ai/README.md",
  "packages/cli/README.md",
  ...filesBelow("docs", ".md"),
  ...filesBelow("packages/horde/src", ".ts"),
  ...filesBelow("packages/server/src", ".ts"),
  ...filesBelow("packages/sql/src", ".ts"),
  ...filesBelow("packages/ai/src", ".ts")
]

interface Snippet {
  readonly name: string
  readonly code: string
}

const snippets: ReadonlyArray<Snippet> = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8")
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((found, index) => ({
    name: `${file.replaceAll(/[\\/]/g, "-")}-${index + 1}.ts`,
    code: (found[1] ?? "").replaceAll(/^ \* ?/gm, "")
  }))
})

/** Compiles them as if they were beside this file, so that they resolve the packages, without writing them. */
const compile = (files: ReadonlyArray<Snippet>): ReadonlyArray<string> => {
  const folder = dirname(fileURLToPath(import.meta.url))
  const virtual = new Map(files.map(({ code, name }) => [join(folder, "snippet", name), code]))
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const settings: ts.CompilerOptions = {
    ...options,
    composite: false,
    incremental: false,
    noEmit: true,
    types: ["node"]
  }
  const host = ts.createCompilerHost(settings)
  const { fileExists, getSourceFile, readFile } = host
  host.fileExists = (file) => virtual.has(file) || fileExists(file)
  host.readFile = (file) => virtual.get(file) ?? readFile(file)
  host.getSourceFile = (file, version, onError) => {
    const code = virtual.get(file)
    return code === undefined ? getSourceFile(file, version, onError) : ts.createSourceFile(file, code, version)
  }
  const program = ts.createProgram([...virtual.keys()], settings, host)
  return [...virtual.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
    )
  })
}

describe("snippets in the docs", () => {
  it("all snippets compile", () => {
    assert.isAtLeast(snippets.length, 10)
    assert.deepStrictEqual(compile(snippets), [])
  })

  it("incorrect snippets do not compile", () => {
    const wrong = { name: "wrong.ts", code: 'import { Horde } from "effect-horde"\nexport const no = Horde.layers\n' }
    assert.lengthOf(compile([wrong]), 1)
  })
})
