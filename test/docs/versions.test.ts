/** The versions in the docs are those of the packages and the scripts. */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const manifests = ["horde", "server", "sql", "ai", "cli"]
  .map((name) => `packages/${name}`)
  .map((folder) => ({
    folder,
    ...(JSON.parse(read(`${folder}/package.json`)) as {
      readonly name: string
      readonly version: string
      readonly engines: { readonly node: string }
      readonly peerDependencies?: Readonly<Record<string, string>>
    })
  }))

const docs = read("docs/versions.md")

const pages = [
  "README.md",
  ...readdirSync(new URL("../../docs", import.meta.url)).map((page) => `docs/${page}`),
  ...manifests.map(({ folder }) => `${folder}/README.md`)
]

describe("versions in the docs", () => {
  it("the client agent contains the package's version", () => {
    assert.include(read("packages/horde/src/internal/call/version.ts"), `"${manifests[0]?.version}"`)
  })

  it("the command prints the package's version", () => {
    const { version } = JSON.parse(read("packages/cli/package.json")) as { readonly version: string }
    assert.include(read("packages/cli/src/internal/program/version.ts"), `"${version}"`)
  })

  it("each version has an entry in the changelog", () => {
    for (const { folder, version } of manifests) assert.include(read(`${folder}/CHANGELOG.md`), `\n## ${version}\n`)
  })

  it("the docs list the versions of the peer dependencies", () => {
    const readme = read("README.md")
    for (const { engines, peerDependencies = {} } of manifests) {
      assert.strictEqual(engines.node, ">=20.19.0")
      for (const [name, range] of Object.entries(peerDependencies)) {
        assert.match(docs, new RegExp(`\`${name}\`[^|]*\\| \`${range.replace(/[.^]/g, "\\$&")}\``))
        assert.match(readme, new RegExp(`^npm install .*${name}@`, "m"))
      }
    }
  })

  it("each install line names the versions of the catalog, for all packages but our own", () => {
    const catalog = new Map(
      Array.from(read("pnpm-workspace.yaml").matchAll(/^ {2}"?([\w@/-]+)"?: (\d\S+)$/gm), ([, name = "", version]) => [
        name,
        `${name}@^${version}`
      ])
    )
    const own = new Set(manifests.map(({ name }) => name))
    const specs = pages.flatMap((page) =>
      Array.from(read(page).matchAll(/^npm install ([^#\n]+)/gm), ([, words = ""]) =>
        words.trim().split(/\s+/)
      ).flatMap((words) => words.filter((word) => !word.startsWith("-")).map((spec) => ({ page, spec })))
    )
    assert.isAtLeast(specs.length, 30)
    const wrong = specs.filter(({ spec }) => {
      const name = spec.slice(0, spec.indexOf("@", 1) === -1 ? undefined : spec.indexOf("@", 1))
      return !own.has(spec) && !spec.endsWith(".tgz") && spec !== catalog.get(name)
    })
    assert.deepStrictEqual(wrong, [])
  })

  it("the docs list the versions of TypeScript that are tested", () => {
    const compilers = [...read("scripts/versions.mjs").matchAll(/version: "(\d+\.\d+\.\d+)"/g)]
    assert.lengthOf(compilers, 2)
    for (const [, version = ""] of compilers) assert.include(docs, version)
  })

  it("the docs list the runtimes that are tested", () => {
    const run = [...read("scripts/runtimes.mjs").matchAll(/"(\d+\.\d+\.\d+)"/g)].map(([, version = ""]) => version)
    assert.isAtLeast(run.length, 5)
    for (const version of run) assert.include(docs, version)
  })
})
