import { defineConfig } from "tsup"

/**
 * The build of the command: one bundle with everything that it needs, so that it starts fast and installs nothing but
 * a native library. What `import()` loads is in chunks of its own.
 */
export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  platform: "node",
  target: "node20",
  bundle: true,
  splitting: true,
  minify: true,
  noExternal: [/^(?!@napi-rs\/)/],
  external: [/^@napi-rs\//],
  // CommonJS modules in the bundle call `require` for the modules of Node
  banner: {
    js: 'import { createRequire as hordeRequire } from "node:module";const require = hordeRequire(import.meta.url);'
  },
  clean: true,
  silent: true,
  dts: false
})
