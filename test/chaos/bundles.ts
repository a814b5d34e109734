/** The programs of this folder, each bundled into one file: they start quickly and run faster. */
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = fileURLToPath(new URL(".", import.meta.url))
/** A native module cannot be bundled: it is named by its path, as the server resolves it. */
const canvas = createRequire(join(here, "../../packages/server/src/index.ts")).resolve("@napi-rs/canvas")

const names = ["child", "horde", "virtual", "workerChild"] as const

export interface Bundles {
  readonly file: (name: (typeof names)[number]) => string
  readonly remove: () => void
}

export const make = async (): Promise<Bundles> => {
  const folder = mkdtempSync(join(tmpdir(), "effect-horde-chaos-"))
  await build({
    entryPoints: names.map((name) => join(here, `${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "@napi-rs/canvas": canvas },
    external: [canvas],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error"
  })
  return {
    file: (name) => join(folder, `${name}.mjs`),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
