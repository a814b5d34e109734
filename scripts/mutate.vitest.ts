/** The tests of mutation testing: those in `MUTATE_TESTS`, without the reporters and groups of `npm test`. */
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: (process.env["MUTATE_TESTS"] ?? "").split(","), testTimeout: 600_000, hookTimeout: 600_000 }
})
