import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    // A process for each file: the tests open servers, and a thread cannot be ended while it waits in native code.
    pool: "forks",
    reporters: ["default", "./scripts/reporter.mjs"]
  }
})
