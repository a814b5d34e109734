/**
 * Runs every `npm` script of this repository, so that a fresh clone needs only Node and npm: installs the dependencies if
 * necessary, then runs the tool. Plain Node, no shell, no dependencies: it runs before they are installed.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { constants, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { commands as bundled, die, npmCli, PNPM, packages, root, tool } from "./tools.mjs"

process.chdir(root)

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) die(`Node 20.19 or newer is needed; this is ${process.version}.`)

// One Ctrl-C can arrive twice: from the terminal, which signals the whole process group, and from npm, which forwards
// its own. A program that cleans up on the first signal must not be killed by the duplicate, so a second signal within
// a second is ignored; a later, deliberate Ctrl-C ends the process at once.
let child
let signalled
const onSignal = (signal) => {
  const code = 128 + constants.signals[signal]
  const now = performance.now()
  if (signalled !== undefined) {
    if (now - signalled.at > 1000) process.exit(code)
    return
  }
  signalled = { at: now, code }
  if (child !== undefined) child.kill(signal)
  else if (process.listenerCount(signal) === 1) process.exit(code)
}
process.on("SIGINT", onSignal)
process.on("SIGTERM", onSignal)

// A signal to npm alone ends npm's shell (dash), which does not forward it: the loss of that parent counts as the signal.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => {
    if (signalled === undefined && process.ppid !== parent) process.kill(process.pid, "SIGTERM")
  }, 500).unref()
}

/** Runs a Node script to its end and returns its exit code; after a signal this process exits. */
const step = (script, args, options) =>
  new Promise((resolve, reject) => {
    child = spawn(process.execPath, [script, ...args], { stdio: "inherit", ...options })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk))
    child.on("error", reject)
    child.on("close", (code, signal) => {
      child = undefined
      if (signalled !== undefined) process.exit(signalled.code)
      resolve({ code: code ?? 128 + constants.signals[signal], output })
    })
  })

/** Runs another program in this process, so that it gets the signals and the terminal, and sets the exit code. */
const become = async (script, args) => {
  process.argv = [process.execPath, script, ...args]
  await import(pathToFileURL(script).href)
}

const install = async () => {
  // Compares the lock file of the last installation, not modification times: a checkout changes those.
  const stamp = join(root, "node_modules", ".installed")
  const key = createHash("sha256")
    .update(`${PNPM} ${process.platform} ${process.arch} `)
    .update(readFileSync("pnpm-lock.yaml", "utf8").replaceAll("\r\n", "\n"))
    .digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) return

  console.error(`Installing the dependencies with ${PNPM} (once) …`)
  const { code, output } = await step(npmCli(), ["exec", "--yes", "--", PNPM, "install", "--frozen-lockfile"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "true" } // no prompts
  })
  if (code !== 0) die(`${output}\nThe installation failed (exit code ${code}).`)
  writeFileSync(stamp, key)
}

/** Runs all steps even if one fails, so that one run reports all failures; then fails. */
const all = async (steps) => {
  const failed = []
  for (const [name, script, args, options] of steps) {
    console.log(`\n> ${name}`)
    if ((await step(script, args, options)).code !== 0) failed.push(name)
  }
  if (failed.length > 0) die(`\nFailed: ${failed.join(", ")}`)
}

/** Whether the build of a package is newer than all of its sources. */
const isBuilt = (folder) => {
  const filesOf = (name) => {
    const path = join(root, folder, name)
    return existsSync(path)
      ? readdirSync(path, { recursive: true }).filter((file) => /\.(?:d\.)?[jt]s$/.test(file))
      : []
  }
  const time = (name, file) => statSync(join(root, folder, name, file)).mtimeMs
  const sources = filesOf("src")
  const built = filesOf("dist")
  const newest = Math.max(...sources.map((file) => time("src", file)))
  if (bundled.includes(folder)) return built.includes("main.js") && time("dist", "main.js") > newest
  return built.length === 2 * sources.length && built.every((file) => time("dist", file) > newest)
}

const buildSteps = () =>
  packages.flatMap((folder) => {
    const code = [`${folder}: code`, tool("tsup"), [], { cwd: folder }]
    if (bundled.includes(folder)) return [code] // a command has no modules to import
    return [code, [`${folder}: declarations`, tool("typescript", "tsc"), ["-p", `${folder}/tsconfig.build.json`]]]
  })

/** Builds the packages, without tests and examples, unless the builds are up to date. */
const built = async () => {
  if (packages.every(isBuilt)) return
  // the references also build the declarations that one package needs of another
  await all([["types", tool("typescript", "tsc"), ["-b", ...packages]], ...buildSteps()])
}

const typecheck = () => ["types", tool("typescript", "tsc"), ["-b"]]

/** The examples by name, each with its description in the README. */
const examples = () => {
  const readme = readFileSync("README.md", "utf8")
  const source = join("examples", "src")
  const inPromise = readdirSync(join(source, "promise")).map((file) => `promise/${file}`)
  const files = [...readdirSync(source), ...inPromise].filter((file) => /\.(?:mjs|ts)$/.test(file))
  const nameOf = (file) => file.replace(/\.(?:mjs|ts)$/, "")
  const shows = (name) => new RegExp(`^\\| \`${name}\` \\| (.*) \\|$`, "m").exec(readme)?.[1] ?? ""
  return new Map(files.map((file) => [nameOf(file), { file, about: shows(nameOf(file)) }]))
}

const example = async ([name, ...args]) => {
  const known = examples()
  if (name === undefined || !known.has(name)) {
    const width = Math.max(...[...known.keys()].map(({ length }) => length))
    const list = [...known].map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`).join("\n")
    const usage = `npm run example -- NAME, where NAME is one of\n\n${list}\n`
    if (name !== undefined) die(`There is no example "${name}": ${usage}`)
    console.log(usage)
    return
  }
  await import("tsx") // the same as `node --import tsx`
  await become(join(root, "examples", "src", known.get(name).file), args)
}

/** A temporary folder for this process and its children, removed with its contents on exit. */
const temporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "horde-"))
  chmodSync(folder, 0o711) // PostgreSQL runs as another user, and must reach its own folder inside
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder
  process.prependOnceListener("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
}

const commands = {
  start: (args) => example(["generate-image", ...args]),
  example,
  test: async (all) => {
    const args = all.filter((arg) => arg !== "--install")
    if (args.length < all.length) process.env.HORDE_TEST_INSTALL = "true"
    // The types are tests too: `@ts-expect-error` and type equalities in the files of the `test` project.
    const { code } = await step(...typecheck().slice(1))
    if (code !== 0) die("\nThe type check failed; no test was run.")
    temporaryFolder()
    await become(tool("vitest"), ["run", ...args])
  },
  check: () =>
    all([
      typecheck(),
      ["format and lint", tool("@biomejs/biome", "biome"), ["check", "--error-on-warnings"]],
      [
        "Effect diagnostics",
        tool("@effect/language-service", "effect-language-service"),
        ["diagnostics", "--project", "tsconfig.json", "--strict", "--format", "text"]
      ],
      [
        "import cycles",
        tool("madge"),
        [
          "--circular",
          "--extensions",
          "ts",
          "--ts-config",
          "tsconfig.base.json",
          ...packages.map((folder) => `${folder}/src`)
        ]
      ],
      ["indexes", join(root, "scripts", "indexes.mjs"), ["--check"]]
    ]),
  build: () =>
    all([
      typecheck(), // also builds the declarations that one package needs of another
      ...buildSteps()
    ]),
  horde: async (args) => {
    await import("tsx")
    await become(join(root, "packages", "cli", "src", "main.ts"), args)
  },
  chaos: async (args) => {
    await import("tsx")
    await become(join(root, "test", "chaos", "main.ts"), args)
  },
  openapi: async () => {
    await import("tsx")
    await become(join(root, "test", "contract", "printOpenApi.ts"), [])
  },
  "api-docs": async () => {
    await import("tsx")
    await become(join(root, "test", "contract", "writeApiPage.ts"), [])
  },
  mutate: (args) => become(join(root, "scripts", "mutate.mjs"), args),
  bench: async (args) => {
    await built()
    await become(join(root, "bench", "run.mjs"), args)
  },
  packages: async () => {
    await built()
    await become(join(root, "scripts", "packages.mjs"), [])
  },
  pack: async ([folder]) => {
    if (folder === undefined) die("npm run pack -- DIR, where DIR is the folder for the tarballs")
    await built()
    await become(join(root, "scripts", "pack.mjs"), [resolve(process.env.INIT_CWD ?? root, folder)])
  },
  "test:runtimes": async (args) => {
    await built()
    await become(join(root, "scripts", "runtimes.mjs"), args)
  },
  "test:versions": async () => {
    await built()
    await become(join(root, "scripts", "versions.mjs"), [])
  },
  "release:dry": async () => {
    await built()
    await become(join(root, "scripts", "release.mjs"), ["dry"])
  },
  "release:version": () => become(join(root, "scripts", "release.mjs"), ["version"]),
  fix: () =>
    all([
      ["indexes", join(root, "scripts", "indexes.mjs"), []],
      ["format and lint", tool("@biomejs/biome", "biome"), ["check", "--write"]]
    ])
}

const [command, ...args] = process.argv.slice(2)
if (!Object.hasOwn(commands, command)) die(`Usage: node scripts/run.mjs ${Object.keys(commands).join("|")}`)
await install()
await commands[command](args)
