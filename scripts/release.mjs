/**
 * Prepares releases without publishing them.
 *
 * `dry` shows the planned versions and the contents of the tarballs, and changes nothing. It fails if the metadata for
 * the registry (`registry.json`) has placeholders; `metadata FILE` checks only that. `version` turns the pending
 * changesets into versions and changelogs, and writes the version into the SDK.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { placeholdersOf } from "./registry.mjs"
import { filesOf, pack } from "./tarballs.mjs"
import { die, kB, node, packages, readJson, root, tool } from "./tools.mjs"

const manifests = () => packages.map((from) => readJson(join(root, from, "package.json")))

const showPlan = async () => {
  const { default: plan } = await import("@changesets/get-release-plan")
  const { changesets, releases } = await (plan.default ?? plan)(root)
  for (const { name, version } of manifests()) {
    const release = releases.find((it) => it.name === name && it.newVersion !== it.oldVersion)
    console.log(release === undefined ? `${name} ${version}` : `${name} ${version} → ${release.newVersion}`)
  }
  if (changesets.length === 0) {
    console.log("\nNo changeset is pending: the versions are those of package.json.")
  } else {
    console.log(`\nFrom ${changesets.length} changeset(s), which npm run release:version would apply:`)
  }
  for (const { id, releases, summary } of changesets) {
    console.log(`- ${id} (${releases.map(({ name, type }) => `${name}: ${type}`).join(", ")})\n    ${summary}`)
  }
}

const showTarballs = async () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-horde-release-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  for (const tarball of await pack(folder)) {
    const files = filesOf(tarball)
    const { name, version, peerDependencies = {}, dependencies = {} } = JSON.parse(files.get("package.json"))
    console.log(`\n${name}@${version}, ${kB(readFileSync(tarball).length)} packed`)
    const entries = new Map()
    for (const [file, { length }] of files) {
      const entry = file.includes("/") ? `${file.split("/")[0]}/` : file
      const { count, bytes } = entries.get(entry) ?? { count: 0, bytes: 0 }
      entries.set(entry, { count: count + 1, bytes: bytes + length })
    }
    for (const [entry, { bytes, count }] of entries) {
      console.log(`  ${entry.padEnd(14)} ${String(count).padStart(4)} file(s) ${kB(bytes).padStart(8)}`)
    }
    const ranges = (group) => Object.entries(group).map(([name, range]) => `${name} ${range}`)
    console.log(`  needs ${[...ranges(dependencies), ...ranges(peerDependencies)].join(", ")}`)
  }
}

const version = async () => {
  const { code, output } = await node(tool("@changesets/cli", "changeset"), ["version"], { cwd: root })
  console.log(output)
  if (code !== 0) die("The versions were not changed.")
  for (const [folder, ...path] of [
    ["horde", "call", "version.ts"],
    ["cli", "program", "version.ts"]
  ]) {
    const { version } = readJson(join(root, "packages", folder, "package.json"))
    const file = join(root, "packages", folder, "src", "internal", ...path)
    writeFileSync(file, readFileSync(file, "utf8").replace(/"[^"]*"/, `"${version}"`))
  }
}

const checkMetadata = (file) => {
  const placeholders = placeholdersOf(readJson(file))
  if (placeholders.length === 0) return
  const list = placeholders.map((one) => `\n  ${one}`).join("")
  die(`\nNot ready to publish: ${file} has placeholders instead of the project's addresses.${list}`)
}

const [, , command, file = join(root, "scripts", "registry.json")] = process.argv
if (command === "version") await version()
else {
  if (command === "dry") {
    await showPlan()
    await showTarballs()
    console.log("\nNothing was published.")
  }
  checkMetadata(file)
  console.log("The metadata is complete.")
}
