/** The command as a process of its own: in a pseudo-terminal, in a pipe, and with signals. */
import { spawn } from "node:child_process"
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import { spawn as spawnInTerminal } from "@lydell/node-pty"
import { Effect, type Scope } from "effect"
import { exitCode } from "../../packages/cli/src/internal/failures/exitCode.js"
import { widthOf } from "../../packages/cli/src/internal/output/text.js"
import * as Processes from "../support/processes.js"

const root = fileURLToPath(new URL("../../", import.meta.url))
const main = join(root, "packages", "cli", "src", "main.ts")

interface Options {
  readonly env?: { readonly [name: string]: string }
  readonly columns?: number
  /** Sends this text when the output contains the other. */
  readonly type?: readonly [when: RegExp, text: string]
}

interface Ended {
  readonly code: number
  readonly out: string
}

const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "horde-cli-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** An environment without the settings of the developer. */
const environment = (home: string, env: Options["env"] = {}) => {
  const { HORDE_API_KEY: _, HORDE_URL: __, NO_COLOR: ___, ...rest } = process.env
  const inherited = Object.entries(rest).flatMap(([name, value]) =>
    value === undefined || name.startsWith("XDG_") ? [] : [[name, value] as const]
  )
  return { ...Object.fromEntries(inherited), HOME: home, TERM: "xterm-256color", ...env }
}

const script = (args: ReadonlyArray<string>) => ["--import", "tsx", main, ...args]

/** Runs the command in a pseudo-terminal. */
const inTerminal = (home: string, args: ReadonlyArray<string>, { columns = 80, env, type }: Options = {}) =>
  Effect.async<Ended>((resume) => {
    const terminal = spawnInTerminal(process.execPath, script(args), {
      cols: columns,
      rows: 24,
      cwd: root,
      env: environment(home, env)
    })
    let out = ""
    let typed = false
    terminal.onData((text) => {
      out += text
      if (type === undefined || typed || !type[0].test(out)) return
      typed = true
      terminal.write(type[1])
    })
    terminal.onExit(({ exitCode }) => resume(Effect.succeed({ code: exitCode, out })))
    return Effect.sync(() => terminal.kill("SIGKILL"))
  })

/** Runs the command with its output in pipes. */
const piped = (
  home: string,
  args: ReadonlyArray<string>,
  options: Options & { readonly signal?: NodeJS.Signals; readonly stdout?: number } = {}
) =>
  Effect.async<Ended & { readonly err: string }>((resume) => {
    const child = spawn(process.execPath, script(args), {
      cwd: root,
      env: environment(home, options.env),
      stdio: ["ignore", options.stdout ?? "pipe", "pipe"]
    })
    let [out, err] = ["", ""]
    let signalled = false
    child.stdout?.on("data", (part) => (out += part))
    child.stderr?.on("data", (part) => {
      err += part
      // a second signal would end it at once
      if (options.signal === undefined || signalled || !err.includes("drawing")) return
      signalled = child.kill(options.signal)
    })
    child.on("close", (code) => resume(Effect.succeed({ code: code ?? -1, out, err })))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const env = (url: string) => ({ HORDE_URL: url, HORDE_API_KEY: Accounts.plainKey })

const outcomes = ({ jobs }: Processes.ServerRecord) =>
  jobs.map(({ account, cancels, state }) => [account, state, cancels])

const draw = ["draw", "a fox", "-n", "2", "--size", "64x64"]

/** What a line of the terminal has shown, without colours. */
const framesOf = (out: string) =>
  out
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of the status line
    .split(/\r\x1b\[2K|\r\n/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of colours
    .map((frame) => frame.replaceAll(/\x1b\[[\d;]*m/g, ""))

describe("in a terminal", () => {
  for (const columns of [40, 80]) {
    it.scopedLive(`of ${columns} columns the progress is one line that fits, and the pictures are saved`, () =>
      Effect.gen(function* () {
        const home = yield* folder
        const { url } = yield* Processes.horde(3000)
        const args = [...draw, "-o", join(home, "p")]
        const { code, out } = yield* inTerminal(home, args, { columns, env: env(url) })
        assert.strictEqual(code, exitCode.success, out)
        const progress = framesOf(out).filter((frame) => /[█░]/.test(frame))
        assert.isTrue(
          progress.some((frame) => /0\/2 {2}drawing, about \d+ s/.test(frame)),
          out
        )
        for (const frame of progress) assert.isBelow(widthOf(frame), columns)
        assert.lengthOf(readdirSync(join(home, "p")), 2)
        assert.notInclude(out, Accounts.plainKey)
      })
    )
  }

  it.scopedLive("Ctrl-C cancels the job on the server", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { record, url } = yield* Processes.horde(120_000)
      const options = { env: env(url), type: [/drawing/, "\x03"] } as const
      const { code, out } = yield* inTerminal(home, [...draw, "-o", home], options)
      assert.strictEqual(code, exitCode.interrupted, out)
      assert.match(out, /interrupted: the job is being cancelled\r\ncancelled\r\n/)
      assert.deepStrictEqual(outcomes(yield* record), [["plain", "cancelled", 1]])
    })
  )

  it.scopedLive("--ask-key shows nothing of what is typed", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { record, url } = yield* Processes.horde(100)
      const options = { env: { HORDE_URL: url }, type: [/API key/, `${Accounts.plainKey}\r`] } as const
      const { code, out } = yield* inTerminal(home, ["whoami", "--ask-key"], options)
      assert.strictEqual(code, exitCode.success, out)
      assert.include(out, "plain#2")
      // not even a part of it
      for (let at = 0; at + 6 <= Accounts.plainKey.length; at++) {
        assert.notInclude(out, Accounts.plainKey.slice(at, at + 6))
      }
      assert.strictEqual((yield* record).exchanges[0]?.account, "plain")
    })
  )
})

describe("in a pipe", () => {
  it.scopedLive("there are no control characters and no colours, and stdout has the result alone", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { url } = yield* Processes.horde(100)
      const drawn = yield* piped(home, [...draw, "-o", join(home, "p")], { env: env(url) })
      assert.strictEqual(drawn.code, exitCode.success, drawn.err)
      assert.sameMembers(
        drawn.out.trim().split("\n"),
        readdirSync(join(home, "p")).map((name) => join(home, "p", name))
      )
      for (const args of [["--help"], ["draw", "--help"], ["--version"], ["nosuch"], ["--completions", "bash"]]) {
        const { err, out } = yield* piped(home, args)
        assert.isAbove(out.length + err.length, 0)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
        assert.notMatch(out + err, /[\x00-\x08\x0b-\x1f\x7f]/, args.join(" "))
      }
      // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
      assert.notMatch(drawn.out + drawn.err, /[\x00-\x09\x0b-\x1f\x7f]/)
    })
  )

  for (const [signal, code] of [
    ["SIGINT", exitCode.interrupted],
    ["SIGHUP", exitCode.hungUp],
    ["SIGTERM", exitCode.terminated]
  ] as const) {
    it.scopedLive(`${signal} cancels the job, and the exit code is ${code}`, () =>
      Effect.gen(function* () {
        const home = yield* folder
        const { record, url } = yield* Processes.horde(120_000)
        const ended = yield* piped(home, [...draw, "-o", home], { env: env(url), signal })
        assert.strictEqual(ended.code, code, ended.err)
        assert.deepStrictEqual(outcomes(yield* record), [["plain", "cancelled", 1]])
      })
    )
  }

  it.scopedLive("an output that cannot be written is one line and its exit code", ({ skip }) =>
    Effect.gen(function* () {
      if (!existsSync("/dev/full")) return skip("this system has no device that is always full")
      const home = yield* folder
      const full = yield* Effect.acquireRelease(
        Effect.sync(() => openSync("/dev/full", "w")),
        (file) => Effect.sync(() => closeSync(file))
      )
      const { code, err } = yield* piped(home, ["models", "--embedded"], { stdout: full })
      assert.strictEqual(err, "horde: the output cannot be written (ENOSPC)\n")
      assert.strictEqual(code, exitCode.local)
    })
  )

  it.scopedLive("an embedded horde needs nothing else, and exits at the end", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, err, out } = yield* piped(home, ["whoami", "--embedded", "--json"])
      assert.strictEqual(code, exitCode.success, err)
      assert.strictEqual(JSON.parse(out).username, "plain#2")
    })
  )

  it.scopedLive("a wrong key, an unknown command and a horde that cannot be reached have their exit codes", () =>
    Effect.gen(function* () {
      const home = yield* folder
      assert.strictEqual((yield* piped(home, ["nosuch"])).code, exitCode.usage)
      assert.strictEqual((yield* piped(home, ["whoami"])).code, exitCode.refused)
      const offline = { env: { HORDE_URL: "http://127.0.0.1:1/api" } }
      const { code, err } = yield* piped(home, ["draw", "a fox"], offline)
      assert.strictEqual(code, exitCode.unreachable)
      assert.match(err, /horde: 127\.0\.0\.1:1 cannot be reached, and no API key is set \(.*--embedded\)\n$/)
    })
  )
})
