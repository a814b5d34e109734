/**
 * The metadata of the packages on a registry's pages. All of it comes from `registry.json`; the pack step writes it into
 * the packed `package.json`, and makes the links of the packed README absolute.
 */
import { join, posix } from "node:path"
import { die, readJson, root } from "./tools.mjs"

export const registry = readJson(join(root, "scripts", "registry.json"))

/** The fields of `package.json` that `registry.json` has for a package. `from` is the folder of the package. */
export const metadataOf = (name, from) => {
  const own = registry.packages[name] ?? die(`scripts/registry.json has no entry for ${name}.`)
  return {
    description: own.description,
    keywords: [...registry.keywords, ...own.keywords],
    homepage: registry.homepage,
    repository: { type: "git", url: registry.repository, directory: from },
    bugs: { url: registry.bugs }
  }
}

const isPlaceholder = (address) =>
  !URL.canParse(address) || new URL(address.replace(/^git\+/, "")).hostname.endsWith(".invalid")

/** The addresses that are still placeholders: `.invalid` is a domain that never exists (RFC 2606). */
export const placeholdersOf = ({ bugs, files, homepage, repository }) =>
  Object.entries({ homepage, repository, bugs, files })
    .filter(([, address]) => isPlaceholder(address))
    .map(([name, address]) => `${name}: ${address}`)

const relativeLink = /(?<=\]\()(?!https?:|#)[^)#\s]+(?=[)#])/g

/** A package's README with absolute links to files of the repository, which the tarball does not contain. */
export const withAbsoluteLinks = (readme, from) =>
  readme.replaceAll(relativeLink, (path) => registry.files + posix.join(from, path))
