/**
 * Installs the packages as a user would, from their tarballs into an empty project, and runs them there: on this Node, on
 * the oldest supported Node, on newer ones, on Bun and on Deno. The newest versions of Effect that the packages allow
 * are installed with them.
 *
 * The runtimes come from the npm registry (some 700 MB, once) into a subfolder of the system's folder for
 * temporary files. A runtime that cannot be installed is reported as not run; a failed check fails the run.
 *
 * `npm run test:runtimes -- bun node@24` runs only those.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { copiesIn, createProject, installedIn, npmInstall, peers, publicModules, rangesOf } from "./consumer.mjs"
import { pack } from "./tarballs.mjs"
import { die, run } from "./tools.mjs"

const bin = process.platform === "win32" ? ".exe" : ""

/** Exact versions, so that runs are repeatable. The first Node is the oldest one that `engines` allows. */
const known = [
  ...["20.19.0", "22.23.3", "24.21.0"].map((version) => ({
    name: "node",
    version,
    file: join("bin", `node${bin}`),
    args: []
  })),
  { name: "bun", version: "1.4.5", file: join("bin", "bun.exe"), args: [] },
  { name: "deno", version: "2.9.6", file: `deno${bin}`, args: ["run", "--allow-all", "--quiet"] }
]

const label = ({ name, version }) => `${name} ${version}`

const cache = join(tmpdir(), "effect-horde-runtimes")
const project = mkdtempSync(join(tmpdir(), "effect-horde-consumer-"))
process.on("exit", () => rmSync(project, { recursive: true, force: true }))

/** The path of the runtime's executable, installed if necessary; or the reason why it is missing. */
const obtain = async ({ file, name, version }) => {
  const folder = join(cache, `${name}-${version}`)
  // not under the name `node`: a package of that name would shadow the Node that installs it
  const program = (folder) => join(folder, "node_modules", `the-${name}`, file)
  if (!existsSync(program(folder))) {
    // installed elsewhere and moved when complete: two runs may do this at once
    mkdirSync(cache, { recursive: true })
    const temporary = mkdtempSync(join(cache, ".installing-"))
    writeFileSync(join(temporary, "package.json"), "{}\n")
    console.error(`Fetching ${name} ${version} (once) …`)
    const { code, output } = await npmInstall(temporary, [`the-${name}@npm:${name}@${version}`])
    if (code === 0 && existsSync(program(temporary)) && !existsSync(folder)) renameSync(temporary, folder)
    rmSync(temporary, { recursive: true, force: true })
    if (!existsSync(program(folder))) return { missing: output.split("\n")[0] || "npm installed no executable" }
  }
  const { code, output } = await run(program(folder), ["--version"])
  if (code !== 0) return { missing: `it does not start: ${output.split("\n")[0]}` }
  if (!output.includes(version)) return { missing: `its version is ${output.split("\n")[0]}` }
  return { command: program(folder) }
}

/** Serves an embedded horde on a runtime while `use` runs. */
const serving = (command, args, use) =>
  new Promise((resolve) => {
    const server = spawn(command, [...args, "serve.mjs"], { cwd: project, stdio: ["ignore", "pipe", "pipe"] })
    const end = () => server.kill("SIGKILL")
    process.on("exit", end)
    let output = ""
    let address
    const settle = (result) => {
      process.off("exit", end)
      clearTimeout(timer)
      end()
      resolve(result)
    }
    const timer = setTimeout(
      () => settle({ code: 1, output: `${output}\nIt printed no address within a minute.` }),
      60_000
    )
    server.on("error", (error) => settle({ code: 1, output: error.message }))
    server.on("close", (code) => settle({ code: code || 1, output: `${output}\nThe server ended.` }))
    for (const stream of [server.stdout, server.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk
        if (address !== undefined) return
        address = /http:\S+(?=\s)/.exec(output)?.[0]
        if (address === undefined) return
        clearTimeout(timer)
        use(address).then(settle)
      })
    }
  })

/** Each check, and the runtimes that it is for, if it is not for all. */
const checks = [
  ["import", (program) => program("modules.mjs", ...publicModules)],
  ["require", (program) => program("require.cjs")],
  ["in process", (program) => program("program.mjs")],
  ["fetch", (program, { address }) => program("program.mjs", address)],
  ["promise", (program, { address }) => program("promise.cjs", address)],
  ["journal", (program) => program("journal.mjs")],
  ["language model", (program) => program("ai.mjs")],
  [
    "command",
    (program) =>
      program("node_modules/@effect-horde/cli/dist/main.js", "draw", "a fox", "--embedded", "-o", "pictures"),
    ["node"] // it is a program for Node
  ],
  ["listen", (program, { args, command }) => serving(command, args, (url) => program("program.mjs", url))]
]

// 1. The runtimes

const wanted = process.argv.slice(2)
const isWanted = ({ name, version }) =>
  wanted.length === 0 ||
  wanted.some((it) => it === name || (it.startsWith(name) && `${name}@${version}`.startsWith(it)))

const own = { name: "node", version: process.versions.node, args: [], command: process.execPath }
const runtimes = []
const missing = []
for (const runtime of [own, ...known.filter((it) => label(it) !== label(own))].filter(isWanted)) {
  const found = runtime.command === undefined ? await obtain(runtime) : {}
  if (found.missing === undefined) runtimes.push({ ...runtime, ...found })
  else missing.push(`${label(runtime)}: ${found.missing}`)
}
if (runtimes.length === 0) die(`No runtime to run on.\n${missing.join("\n")}`)

// 2. A user's project, with the packages that the README lists

const tarballs = await pack(join(project, "tarballs"))
const { code, offline, output } = await createProject(project, tarballs, [...rangesOf(peers), "@types/node@20"])
if (offline === true) {
  console.log(`NOT RUN: ${output}. Nothing was tested.`)
  process.exit()
}
if (code !== 0) die(`${output}\nThe packages could not be installed.`)
console.log(`With ${installedIn(project, Object.keys(peers))}:`)
const copies = copiesIn(project)
if (copies.length > 0) die(`Installed twice: ${copies.join(", ")}`)

// 3. Each check on each runtime

const failures = []
const failed = (what, output) => {
  failures.push(what)
  console.error(`\n${what}:\n${output.split("\n").slice(0, 30).join("\n")}\n`)
}

const ran = await serving(process.execPath, [], async (address) => {
  for (const runtime of runtimes) {
    const { args, command } = runtime
    const program = (...file) => run(command, [...args, ...file], { cwd: project, timeout: 120_000 })
    const results = []
    for (const [title, check, names = [runtime.name]] of checks) {
      if (!names.includes(runtime.name)) continue
      const { code, output } = await check(program, { address, args, command })
      results.push(`${title} ${code === 0 ? "ok" : "FAILED"}`)
      if (code !== 0) failed(`${label(runtime)}, ${title}`, output)
    }
    console.log(`${label(runtime).padEnd(14)} ${results.join(", ")}`)
  }
  return { code: 0, output: "" }
})
if (ran.code !== 0) failed("the horde to fetch from", ran.output)

for (const line of missing) console.log(`NOT RUN ${line}`)
if (failures.length > 0) die(`\nFailed: ${failures.join("; ")}`)
const rest = missing.length === 0 ? "" : `; ${missing.length} could not be run`
console.log(`\nAll checks passed on ${runtimes.map(label).join(", ")}${rest}.`)
// open handles must not keep this process alive
process.exit()
