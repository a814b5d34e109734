import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A machine is slow at times, and that alone is no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A process for each file: the tests open servers, and a thread cannot be ended while it waits in native code.
    pool: "forks",
    // Many tests wait, for processes of their own or for real time to pass: the others need not wait with them.
    poolOptions: { forks: { minForks: 1, maxForks: Math.max(3, availableParallelism()) } },
    reporters: ["default", "./scripts/reporter.mjs"]
  }
})
