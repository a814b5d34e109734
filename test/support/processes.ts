/** Child processes for the tests that need a process of their own. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { HordeServer } from "@effect-horde/server"
import { Deferred, Effect, type Scope } from "effect"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** A running program, and its output so far. */
export interface Program {
  readonly lines: ReadonlyArray<string>
  /** Waits for a line that contains this text. */
  readonly saw: (text: string) => Effect.Effect<string>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly exitCode: Effect.Effect<number | null>
  /** Its exit code, or the signal that ended it. */
  readonly ending: Effect.Effect<number | NodeJS.Signals | null>
}

/** Runs a TypeScript file; it is killed when the scope closes. */
export const run = (
  file: string,
  args: ReadonlyArray<string> = [],
  env: { readonly [name: string]: string } = {}
): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const listeners = new Set<(line: string) => void>()
    const child: ChildProcess = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--import", "tsx", file, ...args], {
          cwd: root,
          env: { ...process.env, ...env },
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => void child.kill("SIGKILL"))
    )
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line)
        for (const listener of listeners) listener(line)
      })
    }
    const closed = yield* Deferred.make<readonly [number | null, NodeJS.Signals | null]>()
    child.once("close", (code, signal) => Deferred.unsafeDone(closed, Effect.succeed([code, signal])))
    const exitCode = Effect.map(Deferred.await(closed), ([code]) => code)
    const ending = Effect.map(Deferred.await(closed), ([code, signal]) => code ?? signal)
    const seen = (text: string) =>
      Effect.async<string>((resume) => {
        const listener = (line: string) => {
          if (line.includes(text)) resume(Effect.succeed(line))
        }
        listeners.add(listener)
        return Effect.sync(() => void listeners.delete(listener))
      })
    const saw = (text: string) =>
      Effect.suspend(() => {
        const known = lines.find((line) => line.includes(text))
        if (known !== undefined) return Effect.succeed(known)
        const ended = Effect.suspend(() => Effect.dieMessage(`ended without "${text}":\n${lines.join("\n")}`))
        return Effect.raceFirst(seen(text), Effect.zipRight(Deferred.await(closed), ended))
      })
    return { lines, saw, exitCode, ending, signal: (signal) => Effect.sync(() => void child.kill(signal)) }
  })

/** The record of a horde in another process. */
export interface ServerRecord {
  readonly exchanges: ReadonlyArray<HordeServer.Exchange>
  readonly jobs: ReadonlyArray<HordeServer.JobRecord>
}

/** An embedded horde in a process of its own. */
export const horde = (
  millisPerPicture: number
): Effect.Effect<{ readonly url: string; readonly record: Effect.Effect<ServerRecord> }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const program = yield* run("test/support/serve.ts", [String(millisPerPicture)])
    const url = yield* program.saw("http://")
    const record = Effect.promise(async (): Promise<ServerRecord> => {
      const response = await fetch(new URL("/embedded/record", url))
      return (await response.json()) as ServerRecord
    })
    return { url, record }
  })
