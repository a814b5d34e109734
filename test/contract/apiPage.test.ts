/** `docs/api.md` is up to date, and shows each endpoint with the accounts that may call it. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { apiPage } from "./apiPage.js"
import { endpoints, resourceOf } from "./endpoints.js"
import { privilegeOf, privileges } from "./privileges.js"

describe("docs/api.md", () => {
  it("is what `npm run api-docs` writes", () => {
    assert.strictEqual(readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8"), apiPage)
  })

  it("declares all operations, and has a row for each endpoint", () => {
    assert.match(apiPage, /^(\d+) of \1 operations are declared: (\d+) of the \2 that the server publishes/m)
    const services = apiPage.split("\n").flatMap((line) => /^\| `[A-Z]+ \/\S+` \| `([\w.]+)` \|/.exec(line)?.[1] ?? [])
    assert.sameMembers(services, [...endpoints.keys()])
  })

  it("each privilege belongs to endpoints that need an API key", () => {
    const names = [...endpoints.keys()]
    assert.includeMembers([...names, ...names.map(resourceOf)], [...privileges.keys()])
    for (const [name, { apiKey }] of endpoints) {
      if (privilegeOf(name) !== undefined) assert.strictEqual(apiKey, "required", name)
    }
  })
})
