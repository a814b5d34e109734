/** The README's table of resources: each resource with its number of operations. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { endpoints } from "../contract/endpoints.js"

const root = fileURLToPath(new URL("../../", import.meta.url))
const readme = readFileSync(join(root, "README.md"), "utf8")

const rows = Array.from(readme.matchAll(/^\| `(\w+)` \| (\d+) \| .+ \| \[.+\]\(docs\/.+\) \|$/gm)).map(
  ([, resource = "", count = ""]) => ({ resource, count: Number(count) })
)

/** Resource → its operations. Two endpoints may call one operation: a submit, and its price. */
const operations = new Map<string, Set<string>>()
for (const [name, { method, path }] of endpoints) {
  const [resource = ""] = name.split(".")
  operations.set(resource, (operations.get(resource) ?? new Set()).add(`${method} ${path}`))
}

describe("README.md, coverage", () => {
  it("each resource is listed with its number of operations", () => {
    assert.deepStrictEqual(
      rows.map(({ count, resource }) => `${resource} ${count}`).sort(),
      Array.from(operations, ([resource, { size }]) => `${resource} ${size}`).sort()
    )
    const [, total] = /^All (\d+) operations of the API/m.exec(readme) ?? []
    assert.strictEqual(
      Number(total),
      rows.reduce((sum, { count }) => sum + count, 0)
    )
  })
})
