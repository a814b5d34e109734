/**
 * Inside this repository the packages are imported as TypeScript; the benchmarks measure the published build, so this hook
 * resolves their names to `dist`. (`--import` this file.)
 */
import { register } from "node:module"
import { isMainThread } from "node:worker_threads"

const packages = [
  ["effect-horde", new URL("../packages/horde/dist/", import.meta.url)],
  ["@effect-horde/server", new URL("../packages/server/dist/", import.meta.url)],
  ["@effect-horde/sql", new URL("../packages/sql/dist/", import.meta.url)]
]

export const resolve = (specifier, context, next) => {
  for (const [name, folder] of packages) {
    if (specifier === name) return { url: new URL("index.js", folder).href, shortCircuit: true }
    if (specifier.startsWith(`${name}/`)) {
      return { url: new URL(`${specifier.slice(name.length + 1)}.js`, folder).href, shortCircuit: true }
    }
  }
  return next(specifier, context)
}

// hooks run in a separate thread, which loads this same file
if (isMainThread) register(import.meta.url)
