/**
 * Runs an example in several processes, so that one can be killed: the example starts its own file again, once for each
 * part. The processes share a journal, and a horde that outlives them: `HORDE_URL`, or an embedded one in the parent
 * process.
 */
import { Command, type CommandExecutor, type Error, FetchHttpClient, FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Accounts, HordeServer } from "@effect-horde/server"
import { ConfigProvider, Console, Context, Deferred, Effect, Layer, type Scope, Stream } from "effect"
import { FileJournal, Horde, Recovery } from "effect-horde"
import * as Here from "./horde.js"

/** The part that this process runs; `undefined` in the parent process. */
export const part = process.env.EXAMPLE_PART

/** The directory of the parts' journal. */
export const journal = process.env.EXAMPLE_JOURNAL ?? ""

export interface Actor {
  /** Waits until it prints a line with these words. */
  readonly says: (words: string) => Effect.Effect<void>
  /** `kill -9`: it runs no clean-up. */
  readonly kill: Effect.Effect<void>
  /** Asks it to end (SIGTERM), and waits until it has. */
  readonly leave: Effect.Effect<void>
  /** Waits for its end. */
  readonly ended: Effect.Effect<void>
}

export class Stage extends Context.Tag("examples/Stage")<
  Stage,
  {
    /** Starts a part; its output is shown after its name. */
    readonly start: (
      part: string
    ) => Effect.Effect<Actor, Error.PlatformError, Scope.Scope | CommandExecutor.CommandExecutor>
    /** Cancels the jobs of killed parts, if no other part will recover them. */
    readonly cancelRest: Effect.Effect<void>
    /** Prints the requests that the horde received, if it is the embedded one. */
    readonly verdict: Effect.Effect<void>
  }
>() {}

const startPart = (env: { readonly [name: string]: string }) => (part: string) =>
  Effect.gen(function* () {
    const [node, file] = [process.execPath, process.argv[1] ?? ""]
    const child = yield* Command.make(node, "--import", "tsx", file).pipe(
      Command.env({ ...env, EXAMPLE_PART: part }),
      Command.stderr("inherit"),
      Command.start
    )
    const printed: Array<string> = []
    const waiting = new Map<string, Deferred.Deferred<void>>()
    const onLine = (line: string) => {
      printed.push(line)
      for (const [words, seen] of waiting) if (line.includes(words)) Deferred.unsafeDone(seen, Effect.void)
      return Console.log(`${part.padEnd(10)} | ${line}`)
    }
    const relay = yield* child.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach(onLine),
      Effect.ignore,
      Effect.fork
    )
    const ended = Effect.zipRight(Effect.exit(child.exitCode), relay.await).pipe(Effect.asVoid)
    const says = (words: string) =>
      Effect.gen(function* () {
        if (printed.some((line) => line.includes(words))) return
        const seen = yield* Deferred.make<void>()
        waiting.set(words, seen)
        yield* Effect.raceFirst(
          Deferred.await(seen),
          Effect.zipRight(ended, Effect.dieMessage(`"${part}" ended without printing "${words}"`))
        )
      })
    const signal = (name: "SIGKILL" | "SIGTERM") => Effect.zipRight(Effect.ignore(child.kill(name)), ended)
    return { says, kill: signal("SIGKILL"), leave: signal("SIGTERM"), ended }
  })

/** Starts parts that share a temporary journal. */
const withJournal = (horde: { readonly [name: string]: string }) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "horde-journal-" })
    const environment = Object.entries({ ...process.env, ...horde }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const HordeLayer = Horde.layerWithJournalConfig().pipe(
      Layer.provide([FileJournal.layer({ directory, lease: "3 seconds" }), FetchHttpClient.layer]),
      Layer.provide([NodeContext.layer, Layer.setConfigProvider(ConfigProvider.fromMap(new Map(environment)))])
    )
    return {
      start: startPart({ ...horde, EXAMPLE_JOURNAL: directory }),
      cancelRest: Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }).pipe(
        Effect.scoped,
        Effect.provide(HordeLayer),
        Effect.orDie
      )
    }
  })

const onRemote = Effect.gen(function* () {
  yield* Console.log(`On ${Here.url}\n`)
  return { ...(yield* withJournal({})), verdict: Effect.void }
})

const onEmbedded = Effect.gen(function* () {
  const { exchanges, url } = yield* HordeServer.HordeServer
  yield* Console.log("On an embedded horde: nothing leaves this machine (set HORDE_URL for another)\n")
  return {
    ...(yield* withJournal({ HORDE_URL: url, HORDE_API_KEY: Accounts.plainKey })),
    verdict: Effect.flatMap(exchanges, (all) => {
      const count = (method: string) => all.filter((one) => one.method === method).length
      return Console.log(`\nRequests on the server: ${count("POST")} submit, ${count("DELETE")} cancels.`)
    })
  }
})

/** Runs a scenario. If it is interrupted, the jobs of killed parts are cancelled. */
export const play = <E, R>(scenario: Effect.Effect<void, E, R>) =>
  Effect.flatMap(Stage, ({ cancelRest }) =>
    Effect.onInterrupt(Effect.scoped(scenario), () => Effect.interruptible(cancelRest))
  )

/** On an embedded horde whose worker takes this long for a picture, or on `HORDE_URL`. */
export const layer = (takes: HordeServer.WorkerOptions["takes"] & {}) =>
  (Here.url === undefined
    ? Layer.provide(Layer.scoped(Stage, onEmbedded), HordeServer.layer({ port: 0, worker: { takes } }))
    : Layer.scoped(Stage, onRemote)
  ).pipe(Layer.provideMerge(NodeContext.layer))
