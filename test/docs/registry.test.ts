/** The metadata of the packages on a registry: complete, from one file, and never published with placeholders. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const metadata = readFileSync(join(root, "scripts/registry.json"), "utf8")

/** Checks a file of metadata as `npm run release:dry` does. */
const checked = (json: string) => {
  const folder = mkdtempSync(join(tmpdir(), "horde-registry-"))
  try {
    const file = join(folder, "registry.json")
    writeFileSync(file, json)
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/release.mjs"), "metadata", file], {
      encoding: "utf8"
    })
    return { status, message: stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const placeholder = "https://example.invalid/effect-horde"
const address = "https://git.example.org/effect-horde"

describe("scripts/registry.json", () => {
  it("placeholders refuse a release, with each of them in the message", () => {
    const { message, status } = checked(metadata.replaceAll(/https:[^"]*/g, placeholder))
    assert.strictEqual(status, 1)
    assert.include(message, "Not ready to publish")
    for (const name of ["homepage", "repository", "bugs", "files"])
      assert.match(message, new RegExp(`^  ${name}: `, "m"))
  })

  it("one placeholder is enough, and so is a missing address", () => {
    const complete = metadata.replaceAll(/https:[^"]*/g, address)
    assert.strictEqual(checked(complete.replace(address, placeholder)).status, 1)
    assert.strictEqual(checked(complete.replace("homepage", "home")).status, 1)
  })

  it("without placeholders it is complete", () => {
    assert.deepStrictEqual(checked(metadata.replaceAll(/https:[^"]*/g, address)), { status: 0, message: "" })
  })

  it("it describes each package, and no package.json repeats it", () => {
    const { packages } = JSON.parse(metadata) as { readonly packages: Readonly<Record<string, object>> }
    const names = readdirSync(join(root, "packages")).map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as {
        readonly name: string
      }
      assert.doesNotHaveAnyKeys(manifest, ["description", "keywords", "homepage", "repository", "bugs"], folder)
      return manifest.name
    })
    assert.sameMembers(Object.keys(packages), names)
  })
})
