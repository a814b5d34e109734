import { defineConfig } from "tsup"

/**
 * How a package is built: one file for each module, as in `src`, and nothing bundled.
 *
 * A user's bundler can then drop whole modules (`sideEffects: false`). Bundled with shared chunks, `export * as X` turns
 * into objects filled by calls, which keep everything alive. `internal` is closed by `exports`.
 */
export default defineConfig({
  entry: ["src/**/*.ts"],
  format: "esm",
  target: "es2022",
  bundle: false,
  sourcemap: true, // their sources are shipped too
  clean: true,
  silent: true,
  dts: false // tsc makes them: see tsconfig.build.json
})
