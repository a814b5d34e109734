/**
 * Mutation testing, outside of CI: `npm run mutate -- FILE… --tests TEST…`.
 *
 * Mutates the named files one change at a time, in a copy, and runs the named tests against each mutant. Prints the
 * mutants that no test detects. Without `--tests`, all tests that need neither processes nor real time are run.
 */
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { die, packages, root } from "./tools.mjs"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: "string", multiple: true, default: [] } }
})

// In the copy: the packages resolve their dependencies through links, which Stryker does not copy.
if (process.env.MUTATE_ORIGINAL !== undefined) {
  symlinkSync(join(process.env.MUTATE_ORIGINAL, "node_modules"), join(root, "node_modules"), "dir")
  for (const folder of [...packages, "test"]) {
    const [from, to] = [process.env.MUTATE_ORIGINAL, root].map((base) => join(base, folder, "node_modules"))
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }
  process.exit()
}

if (positionals.length === 0) die("No files given. Usage: npm run mutate -- FILE… [--tests TEST]…")

const isVirtual = (file) =>
  !/\bit\.(?:live|scopedLive)\b|support\/(?:processes|chromium|postgres)\.js/.test(readFileSync(file, "utf8"))
const all = () =>
  readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
    .map((file) => join("test", file))
    .filter(isVirtual)
process.env.MUTATE_TESTS = (values.tests.length > 0 ? values.tests : all()).join(",")

process.env.MUTATE_ORIGINAL = root

const results = await new Stryker({
  mutate: positionals,
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner", "./scripts/survivors.mjs"],
  vitest: { configFile: "scripts/mutate.vitest.ts", related: false },
  symlinkNodeModules: false,
  buildCommand: "node scripts/mutate.mjs",
  tempDirName: ".stryker",
  reporters: ["survivors", "clear-text"],
  clearTextReporter: {
    allowColor: false,
    allowEmojis: false,
    logTests: false,
    reportMutants: false,
    reportTests: false
  },
  coverageAnalysis: "perTest",
  concurrency: 2,
  timeoutMS: 60_000,
  ignorePatterns: ["**/dist", "**/build", "examples/output"]
}).runMutationTest()
process.exitCode = results.some(({ status }) => status === "Survived") ? 1 : 0
