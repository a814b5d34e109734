/**
 * Installs the packages from their tarballs into empty projects, with the lowest and with the newest versions of Effect
 * that their peer ranges allow. In each it runs programs, and compiles a user's file with TypeScript 5.9 and 7.
 *
 * Then it follows docs/testing.md in another empty project: the page's install line, and its first test.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { copiesIn, createProject, installedIn, npmInstall, peers, publicModules, rangesOf } from "./consumer.mjs"
import { pack } from "./tarballs.mjs"
import { commands, die, node, packages, readJson, root } from "./tools.mjs"

const folder = mkdtempSync(join(tmpdir(), "effect-horde-versions-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const tarballs = await pack(join(folder, "tarballs"))

const failures = []
const report = (what, { code, output }) => {
  console.log(`  ${what.padEnd(34)} ${code === 0 ? "ok" : "FAILED"}`)
  if (code === 0) return
  failures.push(what)
  console.error(`\n${output.split("\n").slice(0, 30).join("\n")}\n`)
}

/** Ends this script if npm failed. Without a network nothing is tested, and that is no failure. */
const installed = ({ code, offline, output }) => {
  if (offline === true) {
    console.log(`NOT RUN: ${output}. Nothing was tested.`)
    process.exit()
  }
  if (code !== 0) die(`${output}\nThe packages could not be installed.`)
}

// 1. The lowest and the newest versions

const catalog = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
const catalogVersion = (name) => new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(catalog)[1]

/**
 * The packages of Effect that the peers need in turn: npm would install the newest ones of its own choice. A bundled
 * command needs none.
 */
const companions = Object.fromEntries(
  packages
    .filter((from) => !commands.includes(from))
    .flatMap((from) => Object.keys(readJson(join(root, from, "package.json")).devDependencies))
    .filter((name) => name.startsWith("@effect/") && !(name in peers))
    .map((name) => [name, `^${catalogVersion(name)}`])
)

const lowestOf = (ranges) =>
  Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, range.replace("^", "")]))
const firstOfLine = (ranges) =>
  Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, range.replace(/^\^(\d+\.\d+)\..*/, "$1.0")]))

const rows = {
  lowest: { ...lowestOf(peers), ...firstOfLine(companions) },
  newest: { ...peers, ...companions }
}

/** Exact versions, so that runs are repeatable. TypeScript 7 has no `Node10`. */
const compilers = [
  { alias: "typescript-5", version: "5.9.3", resolutions: ["NodeNext", "Bundler", "Node10"] },
  { alias: "typescript-7", version: "7.0.2", resolutions: ["NodeNext", "Bundler"] }
]

const resolutions = {
  NodeNext: [{ module: "NodeNext", moduleResolution: "NodeNext" }, ["types.ts", "require.cts"]],
  Bundler: [{ module: "ESNext", moduleResolution: "Bundler" }, ["types.ts"]],
  Node10: [{ module: "CommonJS", moduleResolution: "Node10" }, ["types.ts"]]
}

/** Compiles a user's file. The declarations of the libraries are checked as well. */
const compile = (project, { alias }, resolution) => {
  const [options, files] = resolutions[resolution]
  const config = {
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
      ...options
    },
    files
  }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config))
  return node(join(project, "node_modules", alias, "bin", "tsc"), ["-p", project], { cwd: project })
}

const programs = [["modules.mjs", ...publicModules], ["program.mjs"], ["journal.mjs"], ["ai.mjs"]]

for (const [row, versions] of Object.entries(rows)) {
  const project = join(folder, row)
  const tools = compilers.map(({ alias, version }) => `${alias}@npm:typescript@${version}`)
  installed(await createProject(project, tarballs, [...rangesOf(versions), ...tools, "@types/node@20"]))
  console.log(`\n${row}: ${installedIn(project, Object.keys(versions))}`)
  const copies = copiesIn(project)
  report("each package once", { code: copies.length, output: copies.join("\n") })
  for (const [program, ...args] of programs) {
    report(program, await node(join(project, program), args, { cwd: project, timeout: 120_000 }))
  }
  for (const compiler of compilers) {
    for (const resolution of compiler.resolutions) {
      report(`TypeScript ${compiler.version}, ${resolution}`, await compile(project, compiler, resolution))
    }
  }
}

// 2. The first test of the docs

const page = readFileSync(join(root, "docs", "testing.md"), "utf8")
const firstBlock = (language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)[1]

/** The arguments of the page's install line, with our packages from their tarballs. */
const specs = firstBlock("sh")
  .split("\n")
  .filter((line) => line.startsWith("npm install"))
  .flatMap((line) => line.split(/\s+/).slice(2))
  .filter((word) => !word.startsWith("-"))
  .map((spec) => {
    const index = packages.findIndex((from) => readJson(join(root, from, "package.json")).name === spec)
    return index === -1 ? spec : tarballs[index]
  })

const project = join(folder, "testing")
mkdirSync(project)
writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n')
writeFileSync(join(project, "first.test.ts"), firstBlock("ts"))
installed(await npmInstall(project, specs))
console.log(`\ndocs/testing.md: ${specs.map((spec) => (spec.endsWith(".tgz") ? basename(spec) : spec)).join(", ")}`)
report(
  "its first test",
  await node(join(project, "node_modules", "vitest", "vitest.mjs"), ["run"], { cwd: project, timeout: 300_000 })
)

if (failures.length > 0) die(`\nFailed: ${failures.join("; ")}`)
console.log("\nAll checks passed.")
process.exit()
