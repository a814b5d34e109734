/** Helpers of the scripts: paths of tools, npm and pnpm. No dependencies: used before they are installed. */
import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const PNPM = "pnpm@12.21.0"
export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const packages = ["packages/horde", "packages/server", "packages/sql", "packages/ai", "packages/cli"]

/** Packages that publish one bundled command, and no modules to import. */
export const commands = ["packages/cli"]

export const die = (message) => {
  console.error(message)
  process.exit(1)
}

export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"))

/** The script behind a tool's name. (The files in `node_modules/.bin` are shell scripts.) */
export const tool = (pkg, name = pkg) => {
  const folder = join(root, "node_modules", pkg)
  const { bin } = readJson(join(folder, "package.json"))
  return join(folder, typeof bin === "string" ? bin : bin[name])
}

/** npm's own script: npm names it when it runs this one; otherwise it is next to `node`. */
export const npmCli = () => {
  const bin = dirname(process.execPath)
  const places = [
    process.env.npm_execpath ?? "",
    join(bin, "node_modules", "npm", "bin", "npm-cli.js"),
    join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js")
  ]
  const found = places.find((place) => place.endsWith("npm-cli.js") && existsSync(place))
  return found ?? die("npm was not found next to node; run this through `npm run`.")
}

/** Runs a program to its end, without input, and returns its exit code and output. */
export const run = (command, args, { timeout = 600_000, ...options } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk))
    const timer = setTimeout(() => {
      output += `\nIt did not end within ${timeout / 1000} seconds.`
      child.kill("SIGKILL")
    }, timeout)
    const ended = (code) => {
      clearTimeout(timer)
      process.off("exit", killed)
      resolve({ code: code ?? 1, output: output.trim() })
    }
    const killed = () => child.kill()
    process.on("exit", killed)
    child.on("error", (error) => {
      output += error.message
      ended(1)
    })
    child.on("close", ended)
  })

/** Runs a script with Node. */
export const node = (script, args, options) => run(process.execPath, [script, ...args], options)

/** The public modules of a package, as users import them: `.` is the index. A command has none. */
export const modulesOf = (from) =>
  readdirSync(join(root, from, "src"))
    .filter((file) => file.endsWith(".ts") && !commands.includes(from))
    .map((file) => (file === "index.ts" ? "." : file.slice(0, -3)))

export const kB = (bytes) => `${Math.ceil(bytes / 1000)} kB`
