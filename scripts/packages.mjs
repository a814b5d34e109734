/**
 * Checks the packages as they would be published: packs them, and runs `publint`, `attw` and additional checks on the
 * tarballs. Any finding fails.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { metadataOf, registry } from "./registry.mjs"
import { filesOf, pack } from "./tarballs.mjs"
import { commands, kB, modulesOf, node, packages, readJson, root, tool } from "./tools.mjs"

/** The ids of a page's headings, as GitHub makes them. */
const sectionsOf = (page) =>
  Array.from(page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-")
  )

/**
 * The links of a packed README that lead nowhere. A link to the project leads to a file of this repository, any other
 * relative link to a file of the tarball. Other sites are not asked.
 */
const brokenLinksOf = (files) => {
  const readme = String(files.get("README.md"))
  return Array.from(readme.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)).flatMap(([link, target, section]) => {
    const path = target.startsWith(registry.files) ? target.slice(registry.files.length) : undefined
    if (path === undefined && /^https:/.test(target)) return []
    const file = path === undefined ? undefined : join(root, path)
    const isThere = file === undefined ? files.has(target || "README.md") : existsSync(file)
    if (!isThere) return [`README.md: ${link} leads nowhere`]
    if (section === undefined) return []
    const page = file === undefined ? String(files.get(target || "README.md")) : readFileSync(file, "utf8")
    return sectionsOf(page).includes(section) ? [] : [`README.md: ${link} names no section`]
  })
}

/** Checks that neither tool has. */
const ownFindings = (from, files) => {
  const findings = []
  const expect = (holds, finding) => holds || findings.push(finding)
  const manifest = JSON.parse(files.get("package.json"))

  const isCommand = commands.includes(from)
  const sources = [...files.keys()].filter((file) => file.startsWith("src/"))
  const built = isCommand
    ? [...Object.values(manifest.bin), ...[...files.keys()].filter((file) => /^dist\/[^/]+\.js$/.test(file))]
    : sources.flatMap((file) =>
        [".js", ".js.map", ".d.ts", ".d.ts.map"].map((ending) => file.replace("src/", "dist/").replace(/\.ts$/, ending))
      )
  const wanted = new Set([
    "package.json",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    ...(isCommand ? ["dist/LICENSES.txt"] : sources),
    ...built
  ])
  for (const file of wanted) expect(files.has(file), `${file} is missing`)
  for (const file of files.keys()) expect(wanted.has(file), `${file} should not be there`)

  for (const [file, bytes] of files) {
    const text = bytes.toString()
    expect(!text.includes(root), `${file} contains a path of this machine`)
    if (!file.endsWith(".map")) continue
    for (const source of JSON.parse(text).sources) {
      const path = join(file, "..", source).replaceAll("\\", "/")
      expect(files.has(path), `${file} refers to ${path}, which is missing`)
    }
  }

  for (const group of ["dependencies", "peerDependencies"]) {
    for (const [name, range] of Object.entries(manifest[group] ?? {})) {
      expect(/^[\^~]?\d/.test(range), `${group}: ${name} is "${range}"`)
    }
  }
  for (const module of modulesOf(from)) {
    const file = module === "." ? "index" : module
    expect(files.has(`dist/${file}.js`), `the module ${module} is not built`)
  }
  expect(manifest.sideEffects === false, "sideEffects is not false")
  if (isCommand) {
    expect(Object.keys(manifest.exports).join() === "./package.json", "modules of the command can be imported")
    for (const file of Object.values(manifest.bin)) {
      expect(files.get(file)?.toString().startsWith("#!/usr/bin/env node\n"), `${file} does not start with #!`)
    }
  } else expect(manifest.exports["./internal/*"] === null, "the internal modules can be imported")
  expect(files.get("README.md")?.length > 200, "README.md is too short")
  findings.push(...brokenLinksOf(files))
  for (const [field, value] of Object.entries(metadataOf(manifest.name, from))) {
    expect(isDeepStrictEqual(manifest[field], value), `package.json: ${field} is not that of scripts/registry.json`)
  }
  expect(
    files.get("CHANGELOG.md")?.includes(`\n## ${manifest.version}\n`),
    "CHANGELOG.md has no entry for this version"
  )

  const version = files.get("dist/internal/call/version.js")
  if (version !== undefined) {
    expect(version.includes(`"${manifest.version}"`), `src/internal/call/version.ts is not at ${manifest.version}`)
  }
  return findings
}

const publintFindings = async (tarball) => {
  const bytes = readFileSync(tarball)
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    strict: true
  })
  return messages.map((message) => `${message.type}: ${formatMessage(message, pkg)}`)
}

/**
 * The ignored rule reports that `require()` gets an ES module. That is intended, and `npm run test:runtimes` shows that it
 * works.
 */
const attwFindings = async (from, tarball) => {
  if (commands.includes(from)) return [] // it has no types
  const { code, output } = await node(tool("@arethetypeswrong/cli", "attw"), [
    tarball,
    "--no-definitely-typed",
    "--ignore-rules",
    "cjs-resolves-to-esm",
    "--format",
    "ascii",
    "--no-color",
    "--entrypoints",
    "package.json",
    ...modulesOf(from)
  ])
  return code === 0 ? [] : [output]
}

const folder = mkdtempSync(join(tmpdir(), "effect-horde-pack-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

let failed = false
for (const [index, tarball] of (await pack(folder)).entries()) {
  const from = packages[index]
  const files = filesOf(tarball)
  const unpacked = [...files.values()].reduce((sum, { length }) => sum + length, 0)
  const { name, version } = readJson(join(root, from, "package.json"))
  const size = `${files.size} files, ${kB(readFileSync(tarball).length)} packed, ${kB(unpacked)} unpacked`
  console.log(`\n${name} ${version}: ${basename(tarball)}, ${size}, ${modulesOf(from).length} modules`)
  for (const [title, findings] of [
    ["publint", await publintFindings(tarball)],
    ["attw", await attwFindings(from, tarball)],
    ["contents", ownFindings(from, files)]
  ]) {
    console.log(findings.length === 0 ? `  ${title}: no findings` : `  ${title}:\n    ${findings.join("\n    ")}`)
    failed ||= findings.length > 0
  }
}
if (failed) {
  console.error("\nThe packages have findings.")
  process.exitCode = 1
}
