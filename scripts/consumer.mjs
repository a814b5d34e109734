/** A project of a user: an empty folder into which npm installs the packages from their tarballs. */
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { modulesOf, node, npmCli, packages, readJson, root } from "./tools.mjs"

const manifests = packages.map((from) => readJson(join(root, from, "package.json")))

/** The peer dependencies of all packages, with their ranges. */
export const peers = Object.assign({}, ...manifests.map(({ peerDependencies }) => peerDependencies))

/** Every module that users can import. */
export const publicModules = packages.flatMap((from, index) =>
  modulesOf(from).map((module) => (module === "." ? manifests[index].name : `${manifests[index].name}/${module}`))
)

export const rangesOf = (ranges) => Object.entries(ranges).map(([name, range]) => `${name}@${range}`)

/** Checked only after a failed installation: npm's own message may be about something else. */
const isOffline = async () => {
  const { code, output } = await node(npmCli(), ["view", "effect", "version", "--prefer-online", "--fetch-retries=0"])
  return code !== 0 && /\bE(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|TIMEDOUT)\b/.test(output)
}

/** Without a network, npm's cache may contain everything. */
export const npmInstall = async (cwd, specs) => {
  const install = (...options) =>
    node(npmCli(), ["install", "--no-audit", "--no-fund", "--loglevel=error", ...options, ...specs], { cwd })
  const first = await install()
  if (first.code === 0 || !(await isOffline())) return first
  const second = await install("--offline")
  return second.code === 0 ? second : { code: 1, output: "npm cannot reach its registry", offline: true }
}

/** Makes the project: the files of `scripts/consumer`, and the tarballs with other packages. */
export const createProject = (folder, tarballs, specs) => {
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, "scripts", "consumer"), folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n')
  return npmInstall(folder, [...tarballs, ...specs])
}

const installedVersion = (folder, name) => readJson(join(folder, "node_modules", name, "package.json")).version

export const installedIn = (folder, names) =>
  names.map((name) => `${name} ${installedVersion(folder, name)}`).join(", ")

/** Packages that are installed below another one, and must not be: a program would have two of each service. */
export const copiesIn = (folder) =>
  readdirSync(join(folder, "node_modules"), { recursive: true }).filter((path) =>
    /node_modules[\\/](?:effect|effect-horde|@effect[\\/](?:platform|ai|sql))$/.test(path)
  )
