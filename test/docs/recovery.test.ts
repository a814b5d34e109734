/** The page about recovery names a test for each of its claims; the tests must exist. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(join(root, "docs/recovery.md"), "utf8")

/** A row of the table: a claim, and its tests. */
const rows = page
  .slice(page.indexOf("## Which test shows it"))
  .split("\n")
  .flatMap((line) => {
    const found = /^\| (.+) \| `(test\/[\w/.]+)`: (".+") \|$/.exec(line)
    if (found === null) return []
    const [, claim = "", file = "", quoted = ""] = found
    return [{ claim, file, titles: [...quoted.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? "") }]
  })

describe("docs/recovery.md", () => {
  it("each row of the page has a test", () => {
    const lines = page.split("\n").filter((line) => line.includes("| `test/"))
    assert.isAtLeast(rows.length, 30)
    assert.deepStrictEqual(
      lines.filter((line) => !rows.some(({ claim }) => line.startsWith(`| ${claim} |`))),
      []
    )
  })

  it("each test that the page names exists", () => {
    const missing = rows.flatMap(({ claim, file, titles }) => {
      if (!existsSync(join(root, file))) return [`${claim}: no ${file}`]
      const source = readFileSync(join(root, file), "utf8")
      return titles.filter((title) => !source.includes(title)).map((title) => `${claim}: no "${title}" in ${file}`)
    })
    assert.deepStrictEqual(missing, [])
  })
})
