/** The links between the pages for users, with their sections, lead somewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))

const pages = [
  ...readdirSync(join(root, "packages")).map((folder) => join("packages", folder, "README.md")),
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file))
]

const textOf = (file: string) => readFileSync(join(root, file), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "")

/** The ids of a page's headings, as GitHub makes them. */
const sectionsOf = (file: string): ReadonlyArray<string> =>
  Array.from(textOf(file).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-")
  )

const brokenLinksOf = (file: string): ReadonlyArray<string> =>
  Array.from(textOf(file).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)).flatMap(([, path = "", section]) => {
    const target = path === "" ? file : join(dirname(file), path)
    if (!existsSync(join(root, target))) return [`${file}: no ${path}`]
    if (section === undefined || statSync(join(root, target)).isDirectory()) return []
    return sectionsOf(target).includes(section) ? [] : [`${file}: no ${path}#${section}`]
  })

describe("links in the docs", () => {
  it("each link leads to a page and a section that exist", () => {
    assert.deepStrictEqual(pages.flatMap(brokenLinksOf), [])
  })
})
