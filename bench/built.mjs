/**
 * Inside this repository the packages are imported as TypeScript; what is measured here is what is published, so their
 * names are led to what was built. (`--import` this file.)
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

// hooks live in a thread of their own, which loads this same file
if (isMainThread) register(import.meta.url)
