import { readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

const root = import.meta.dirname

const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
  .map((file) => `test/${file.replaceAll("\\", "/")}`)
  .sort()

/** Tests that run by the clock of the machine, or need a process, a browser or a database, say so in their source. */
const usesRealTime = (file: string) =>
  /\bit\.(?:live|scopedLive)\b|support\/(?:processes|chromium|postgres)\.js|\.\/kills\.js/.test(
    readFileSync(join(root, file), "utf8")
  )

const options = {
  // Only ends a test that hangs: a busy machine is slow at times, and that alone is no failure.
  testTimeout: 600_000,
  hookTimeout: 600_000
}

export default defineConfig({
  test: {
    // A process for each file: the tests open servers, and a thread cannot be ended while it waits in native code.
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: Math.max(2, availableParallelism()) } },
    globalSetup: "./test/support/globalSetup.ts",
    reporters: ["default", "./scripts/reporter.mjs"],
    projects: [
      { test: { ...options, name: "virtual time", include: files.filter((file) => !usesRealTime(file)) } },
      // A group each: groups run one after the other, so that no test of real time competes with another test.
      ...files.filter(usesRealTime).map((file, index) => ({
        test: {
          ...options,
          name: `real time ${index + 1}`,
          include: [file],
          sequence: { groupOrder: index + 1 }
        }
      }))
    ]
  }
})
