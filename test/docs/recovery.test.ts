/** The page about recovery names a test for each of its claims: each of them is there. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(join(root, "docs/recovery.md"), "utf8")

/** A row of the table: what is claimed, and the tests that show it. */
const rows = page
  .slice(page.indexOf("## Which test shows it"))
  .split("\n")
  .flatMap((line) => {
    const found = /^\| (.+) \| `(test\/[\w/.]+)`: (".+") \|$/.exec(line)
    if (found === null) return []
    const [, claim = "", file = "", quoted = ""] = found
    return [{ claim, file, titles: [...quoted.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? "") }]
  })

describe("the page about recovery", () => {
  it("has a test for each row", () => {
    const lines = page.split("\n").filter((line) => line.includes("| `test/"))
    assert.isAtLeast(rows.length, 30)
    assert.deepStrictEqual(
      lines.filter((line) => !rows.some(({ claim }) => line.startsWith(`| ${claim} |`))),
      []
    )
  })

  it("names tests that are there", () => {
    const missing = rows.flatMap(({ claim, file, titles }) => {
      if (!existsSync(join(root, file))) return [`${claim}: no ${file}`]
      const source = readFileSync(join(root, file), "utf8")
      return titles.filter((title) => !source.includes(title)).map((title) => `${claim}: no "${title}" in ${file}`)
    })
    assert.deepStrictEqual(missing, [])
  })
})
