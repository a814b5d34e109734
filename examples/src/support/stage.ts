/**
 * Plays an example in processes of its own, so that one can be killed: the example starts its own file again, once for
 * each part. They share a journal, and a horde that outlives them: `HORDE_URL`, or an embedded one in the process that
 * directs.
 */
import { Command, type CommandExecutor, type Error, FetchHttpClient, FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Accounts, HordeServer } from "@effect-horde/server"
import { ConfigProvider, Console, Context, Deferred, Effect, Layer, type Scope, Stream } from "effect"
import { FileJournal, Horde, Recovery } from "effect-horde"
import * as Here from "./horde.js"

/** Which part this process plays; none where it directs. */
export const part = process.env.EXAMPLE_PART

/** Where the parts have their journal. */
export const journal = process.env.EXAMPLE_JOURNAL ?? ""

export interface Actor {
  /** Waits until it says something with these words. */
  readonly says: (words: string) => Effect.Effect<void>
  /** `kill -9`: it has no time to do anything. */
  readonly kill: Effect.Effect<void>
  /** Asks it to end (SIGTERM), and waits until it has. */
  readonly leave: Effect.Effect<void>
  /** Waits for its end. */
  readonly ended: Effect.Effect<void>
}

export class Stage extends Context.Tag("examples/Stage")<
  Stage,
  {
    /** Starts a part; what it says is shown after its name. */
    readonly start: (
      part: string
    ) => Effect.Effect<Actor, Error.PlatformError, Scope.Scope | CommandExecutor.CommandExecutor>
    /** Cancels the job of a part that was killed, for when nobody will come and take it up. */
    readonly cancelRest: Effect.Effect<void>
    /** Prints what the horde saw of it all, where it is ours to be asked. */
    readonly verdict: Effect.Effect<void>
  }
>() {}

const starting = (env: { readonly [name: string]: string }) => (part: string) =>
  Effect.gen(function* () {
    const [node, file] = [process.execPath, process.argv[1] ?? ""]
    const child = yield* Command.make(node, "--import", "tsx", file).pipe(
      Command.env({ ...env, EXAMPLE_PART: part }),
      Command.stderr("inherit"),
      Command.start
    )
    const said: Array<string> = []
    const waiting = new Map<string, Deferred.Deferred<void>>()
    const hear = (line: string) => {
      said.push(line)
      for (const [words, heard] of waiting) if (line.includes(words)) Deferred.unsafeDone(heard, Effect.void)
      return Console.log(`${part.padEnd(10)} | ${line}`)
    }
    const relay = yield* child.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.runForEach(hear),
      Effect.ignore,
      Effect.fork
    )
    const ended = Effect.zipRight(Effect.exit(child.exitCode), relay.await).pipe(Effect.asVoid)
    const says = (words: string) =>
      Effect.gen(function* () {
        if (said.some((line) => line.includes(words))) return
        const heard = yield* Deferred.make<void>()
        waiting.set(words, heard)
        yield* Effect.raceFirst(
          Deferred.await(heard),
          Effect.zipRight(ended, Effect.dieMessage(`"${part}" ended without a word of "${words}"`))
        )
      })
    const signal = (name: "SIGKILL" | "SIGTERM") => Effect.zipRight(Effect.ignore(child.kill(name)), ended)
    return { says, kill: signal("SIGKILL"), leave: signal("SIGTERM"), ended }
  })

/** A journal, for as long as the stage is there. */
const journaled = (horde: { readonly [name: string]: string }) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "horde-journal-" })
    const known = Object.entries({ ...process.env, ...horde }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const]
    )
    const HordeLayer = Horde.layerWithJournalConfig().pipe(
      Layer.provide([FileJournal.layer({ directory, lease: "3 seconds" }), FetchHttpClient.layer]),
      Layer.provide([NodeContext.layer, Layer.setConfigProvider(ConfigProvider.fromMap(new Map(known)))])
    )
    return {
      start: starting({ ...horde, EXAMPLE_JOURNAL: directory }),
      cancelRest: Recovery.recover({ kinds: Horde.kinds, policy: "cancel" }).pipe(
        Effect.scoped,
        Effect.provide(HordeLayer),
        Effect.orDie
      )
    }
  })

const onAnother = Effect.gen(function* () {
  yield* Console.log(`On ${Here.url}\n`)
  return { ...(yield* journaled({})), verdict: Effect.void }
})

const onEmbedded = Effect.gen(function* () {
  const { exchanges, url } = yield* HordeServer.HordeServer
  yield* Console.log("On an embedded horde: nothing leaves this machine (set HORDE_URL for another)\n")
  return {
    ...(yield* journaled({ HORDE_URL: url, HORDE_API_KEY: Accounts.plainKey })),
    verdict: Effect.flatMap(exchanges, (all) => {
      const count = (method: string) => all.filter((one) => one.method === method).length
      return Console.log(`\nWhat the server saw: ${count("POST")} submit, ${count("DELETE")} cancels.`)
    })
  }
})

/** Plays, and leaves no job behind when it is interrupted after one of its parts was killed. */
export const play = <E, R>(story: Effect.Effect<void, E, R>) =>
  Effect.flatMap(Stage, ({ cancelRest }) =>
    Effect.onInterrupt(Effect.scoped(story), () => Effect.interruptible(cancelRest))
  )

/** A stage, on an embedded horde whose worker takes this long for a picture unless another horde is named. */
export const layer = (takes: HordeServer.WorkerOptions["takes"] & {}) =>
  (Here.url === undefined
    ? Layer.provide(Layer.scoped(Stage, onEmbedded), HordeServer.layer({ port: 0, worker: { takes } }))
    : Layer.scoped(Stage, onAnother)
  ).pipe(Layer.provideMerge(NodeContext.layer))
