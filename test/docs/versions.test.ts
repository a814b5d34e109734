/** The versions in the docs are those of the packages and the scripts. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const manifests = ["packages/horde", "packages/server", "packages/sql", "packages/ai"].map((folder) => ({
  folder,
  ...(JSON.parse(read(`${folder}/package.json`)) as {
    readonly version: string
    readonly engines: { readonly node: string }
    readonly peerDependencies: Readonly<Record<string, string>>
  })
}))

const docs = read("docs/versions.md")

describe("versions in the docs", () => {
  it("the client agent contains the package's version", () => {
    assert.include(read("packages/horde/src/internal/call/version.ts"), `"${manifests[0]?.version}"`)
  })

  it("each version has an entry in the changelog", () => {
    for (const { folder, version } of manifests) assert.include(read(`${folder}/CHANGELOG.md`), `\n## ${version}\n`)
  })

  it("the docs list the versions of the peer dependencies", () => {
    const readme = read("README.md")
    for (const { engines, peerDependencies } of manifests) {
      assert.strictEqual(engines.node, ">=20.19.0")
      for (const [name, range] of Object.entries(peerDependencies)) {
        assert.match(docs, new RegExp(`\`${name}\`[^|]*\\| \`${range.replace(/[.^]/g, "\\$&")}\``))
        assert.include(readme, `${name}@${range}`)
      }
    }
  })

  it("the docs list the runtimes that are tested", () => {
    const run = [...read("scripts/runtimes.mjs").matchAll(/"(\d+\.\d+\.\d+)"/g)].map(([, version = ""]) => version)
    assert.isAtLeast(run.length, 5)
    for (const version of run) assert.include(docs, version)
  })
})
