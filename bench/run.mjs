/**
 * `npm run bench -- NAME`: compiles the benchmarks, and runs each in a separate Node process, so that none inherits
 * another's heap or warm code. They run as plain JavaScript against the built packages, as an application would.
 */
import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = fileURLToPath(new URL(".", import.meta.url))
const figures = [
  "call",
  "status",
  "fleet",
  "bundle",
  "import",
  "types",
  "heap",
  "cancel",
  "waiting",
  "journal",
  "pacing",
  "parsers",
  "decode",
  "cli"
]

const [first, ...rest] = process.argv.slice(2)
const names = first === undefined ? figures : [first, ...rest]
const unknown = names.find((name) => !figures.includes(name))
if (unknown !== undefined) {
  console.error(
    `There is no benchmark "${unknown}". npm run bench -- NAME, where NAME is one of\n\n  ${figures.join("\n  ")}\n`
  )
  process.exit(1)
}

await build({
  entryPoints: readdirSync(join(here, "src"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(here, "src", file)),
  outdir: join(here, "build"),
  format: "esm",
  target: "es2022",
  platform: "node",
  sourcemap: true
})

const options = ["--enable-source-maps", "--expose-gc", "--import", new URL("built.mjs", import.meta.url).href]
// `BENCH_PROFILE=FOLDER` writes a profile of the benchmark's process there
const profile = process.env.BENCH_PROFILE
if (profile !== undefined && existsSync(profile)) options.push("--cpu-prof", `--cpu-prof-dir=${profile}`)

let child
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child?.kill(signal))

for (const name of names) {
  console.log(`\n# ${name}\n`)
  const code = await new Promise((resolve, reject) => {
    child = spawn(process.execPath, [...options, join(here, "build", `${name}.js`)], { stdio: "inherit" })
    child.on("error", reject)
    child.on("close", (code, signal) => resolve(signal === null ? code : 1))
  })
  if (code !== 0) process.exit(code)
}
