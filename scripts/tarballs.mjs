/** Packs the packages as they would be published, and reads the tarballs. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gunzipSync } from "node:zlib"
import { metadataOf, withAbsoluteLinks } from "./registry.mjs"
import { die, node, npmCli, PNPM, packages, root } from "./tools.mjs"

/** The files of a tarball by name. pnpm writes plain tar: a header of 512 bytes, then the file in blocks of 512. */
export const filesOf = (tarball) => {
  const tar = gunzipSync(readFileSync(tarball))
  const text = (start, length) => tar.toString("utf8", start, start + length).replace(/\0.*$/s, "")
  const files = new Map()
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const [name, size, type, prefix] = [
      text(at, 100),
      Number.parseInt(text(at + 124, 12), 8),
      text(at + 156, 1),
      text(at + 345, 155)
    ]
    const path = prefix === "" ? name : `${prefix}/${name}`
    if (type === "" || type === "0") files.set(path.replace(/^package\//, ""), tar.subarray(at + 512, at + 512 + size))
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}

/** Runs a tool that packs the package in `from`, and returns its tarball. */
const packed = async (from, args, to) => {
  mkdirSync(to, { recursive: true })
  const { code, output } = await node(npmCli(), [...args, "--pack-destination", to], { cwd: from })
  const [file] = readdirSync(to)
  if (code !== 0 || file === undefined) die(`${output}\n${from} could not be packed.`)
  return join(to, file)
}

/** Unpacks a tarball and completes it for a registry: the metadata, and links that lead somewhere. */
const completed = (tarball, from, to) => {
  const files = filesOf(tarball)
  const { name, version, ...rest } = JSON.parse(files.get("package.json"))
  const complete = { name, version, ...metadataOf(name, from), ...rest }
  files.set("package.json", `${JSON.stringify(complete, undefined, 2)}\n`)
  files.set("README.md", withAbsoluteLinks(String(files.get("README.md")), from))
  for (const [file, bytes] of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    writeFileSync(join(to, file), bytes)
  }
}

/**
 * Packs each package as it would be published, and returns the tarballs in the order of `packages`. pnpm replaces the
 * ranges of the workspace, and npm packs the completed files.
 */
export const pack = async (folder) => {
  const tarballs = []
  for (const [index, from] of packages.entries()) {
    // one folder each, independent of the tools' file names
    const place = join(folder, String(index))
    // the version is exact: npm need not check for a newer one
    const pnpm = ["exec", "--yes", "--prefer-offline", "--", PNPM]
    const first = await packed(join(root, from), [...pnpm, "pack"], join(place, "pnpm"))
    completed(first, from, join(place, "files"))
    tarballs.push(await packed(join(place, "files"), ["pack", "--ignore-scripts", "--silent"], join(place, "npm")))
    for (const name of ["pnpm", "files"]) rmSync(join(place, name), { recursive: true })
  }
  return tarballs
}
