/** The start of the command `horde`, compared with an empty command of the same library, bundled in the same way. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { median, type Row, ratios, rounds, spread, table, valuesOf, verdict } from "./rounds.js"

const horde = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "horde-bench-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

/** The least that a command of @effect/cli needs. */
const source = `
  import * as Command from "@effect/cli/Command"
  import * as NodeContext from "@effect/platform-node/NodeContext"
  import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
  import * as Effect from "effect/Effect"
  const command = Command.make("empty", {}, () => Effect.void)
  Command.run(command, { name: "empty", version: "0.1.0" })(process.argv).pipe(
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain
  )
`

const empty = join(folder, "empty.mjs")
await build({
  stdin: { contents: source, resolveDir: fileURLToPath(new URL("..", import.meta.url)), loader: "ts" },
  outfile: empty,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node20",
  banner: { js: 'import { createRequire } from "node:module";const require = createRequire(import.meta.url);' }
})

const start = (...args: ReadonlyArray<string>) => {
  const began = performance.now()
  execFileSync(process.execPath, args, { stdio: "ignore" })
  return Promise.resolve({ time: performance.now() - began })
}

const base = "an empty command --version"
const version = "horde --version"
const rows: ReadonlyArray<Row> = [
  { name: "node -e 0", run: () => start("-e", "0") },
  { name: base, run: () => start(empty, "--version") },
  { name: version, run: () => start(horde, "--version") },
  { name: "horde --help", run: () => start(horde, "--help") },
  { name: "horde whoami --embedded", run: () => start(horde, "whoami", "--embedded") }
]
const samples = await rounds(rows, { count: 15 })
table(
  ["", "ms", "x as long"],
  rows.map(({ name }) => [
    name,
    spread(valuesOf(samples, name, "time"), 0),
    spread(ratios(samples, name, base, "time"))
  ])
)
const found = median(ratios(samples, version, base, "time"))
verdict(found <= 1.5, "at most 1.5 x the empty command", `${found.toFixed(2)} x`)
