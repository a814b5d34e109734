import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig } from "tsup"

/** Writes the licences of the libraries in the bundle, which their authors require, into `dist/LICENSES.txt`. */
const writeLicenses = async () => {
  const metafile = join("dist", "metafile-esm.json")
  const inputs: ReadonlyArray<string> = Object.keys(JSON.parse(readFileSync(metafile, "utf8")).inputs)
  rmSync(metafile)
  const folders = inputs.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [])
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { license, name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    const file = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
    const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : ""
    return `${name} ${version}, ${license}\n\n${text.trim()}\n`
  })
  writeFileSync(join("dist", "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`))
}

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
  metafile: true,
  noExternal: [/^(?!@napi-rs\/)/],
  external: [/^@napi-rs\//],
  // CommonJS modules in the bundle call `require` for the modules of Node
  banner: {
    js: 'import { createRequire as hordeRequire } from "node:module";const require = hordeRequire(import.meta.url);'
  },
  clean: true,
  silent: true,
  dts: false,
  onSuccess: writeLicenses
})
