/** Runs the command `horde` in this process: over a server in the same process, by the test's clock, on a disk in memory. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Terminal from "@effect/platform/Terminal"
import { Accounts } from "@effect-horde/server"
import { ConfigProvider, Effect, Layer } from "effect"
// loaded here, so that no import takes real time while virtual time passes
import "../../packages/cli/src/internal/actions/draw.js"
import "../../packages/cli/src/internal/actions/inspect.js"
import "../../packages/cli/src/internal/actions/jobs.js"
import "../../packages/cli/src/internal/actions/keys.js"
import "../../packages/cli/src/internal/actions/price.js"
import "../../packages/cli/src/internal/actions/status.js"
import "../../packages/cli/src/internal/actions/whoami.js"
import "../../packages/cli/src/internal/actions/work.js"
import { embedded, Network } from "../../packages/cli/src/internal/connection/network.js"
import { make, type OutputStream, Screen } from "../../packages/cli/src/internal/output/screen.js"
import { run } from "../../packages/cli/src/internal/program/run.js"
import * as Disk from "../support/disk.js"
import { baseUrl } from "../support/stack.js"

/** What a command has done. */
export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Options {
  readonly env?: { readonly [name: string]: string }
  readonly columns?: number
  readonly isTerminal?: boolean
  readonly disk?: Disk.Process
}

/** The keys of all accounts: no command may print one. */
const secrets = [Accounts.ownerKey, Accounts.plainKey, Accounts.workerKey, Accounts.worker2Key]

/** The environment of a user with an account. */
export const environment = {
  HOME: "/home/user",
  HORDE_URL: baseUrl,
  HORDE_API_KEY: Accounts.ownerKey
}

/** The disk of a user. */
export const newDisk = Effect.map(
  Effect.sync(() => Disk.make().process()),
  (process) => process
).pipe(Effect.tap(({ fileSystem }) => Effect.orDie(fileSystem.makeDirectory("/home/user", { recursive: true }))))

const stream = (options: Options) => {
  let text = ""
  const output: OutputStream = {
    isTerminal: options.isTerminal ?? false,
    hasColours: options.isTerminal ?? false,
    columns: () => options.columns ?? 80,
    write: (part) => {
      text += part
    }
  }
  return { output, text: () => text }
}

/** No command asks for a key here: there is no terminal to type it. */
const terminal = Terminal.Terminal.of({
  columns: Effect.succeed(80),
  rows: Effect.succeed(24),
  isTTY: Effect.succeed(false),
  readInput: Effect.dieMessage("nothing is typed in tests"),
  readLine: Effect.dieMessage("nothing is typed in tests"),
  display: () => Effect.dieMessage("nothing is asked in tests")
})

/** Starts a command. The output can be read while it runs. Its own result has been searched for secrets. */
export const start = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.gen(function* () {
    const disk = options.disk ?? (yield* newDisk)
    const server = yield* HttpClient.HttpClient
    /** After a kill nothing is sent any more, and no reply arrives. */
    const client = HttpClient.make((request) =>
      Effect.suspend(() =>
        disk.isKilled()
          ? Effect.never
          : Effect.flatMap(server.execute(request), (reply) => (disk.isKilled() ? Effect.never : Effect.succeed(reply)))
      )
    )
    const [out, err] = [stream(options), stream(options)]
    const services = Layer.mergeAll(
      disk.layer,
      Layer.succeed(Network, { http: Layer.succeed(HttpClient.HttpClient, client), embedded }),
      Layer.succeed(Screen, make(out.output, err.output)),
      Layer.succeed(Terminal.Terminal, terminal)
    )
    const program = run(["node", "horde", ...args]).pipe(
      Effect.provide(services),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(options.env ?? environment)))),
      Effect.map((code): Run => {
        const texts = out.text() + err.text()
        const found = secrets.filter((secret) => texts.includes(secret))
        if (found.length > 0) throw new Error(`a key was printed:\n${texts}`)
        return { code, out: out.text(), err: err.text() }
      })
    )
    return { disk, out: out.text, err: err.text, program }
  })

/** Runs a command to its end. */
export const horde = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.flatMap(start(args, options), ({ program }) => program)
