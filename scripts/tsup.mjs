import { defineConfig } from "tsup"

/**
 * The build of a package: one file for each module, as in `src`, without bundling.
 *
 * A user's bundler can then drop whole modules (`sideEffects: false`). With shared chunks, `export * as X` would
 * become objects that calls fill, which prevents tree shaking. `exports` hides `internal`.
 */
export default defineConfig({
  entry: ["src/**/*.ts"],
  format: "esm",
  target: "es2022",
  bundle: false,
  sourcemap: true, // the tarball includes the sources
  clean: true,
  silent: true,
  dts: false // tsc builds them: see tsconfig.build.json
})
