/**
 * Programs that share a server and a disk with a journal. Each can be killed, and nothing that it does afterwards has
 * an effect.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { Accounts } from "@effect-horde/server"
import { Context, Effect, Exit, Layer, Option, Redacted, Scope } from "effect"
import * as FileJournal from "effect-horde/FileJournal"
import * as Horde from "effect-horde/Horde"
import * as JobJournal from "effect-horde/JobJournal"
import type * as Disk from "./disk.js"
import { baseUrl } from "./stack.js"

export const directory = "/var/horde"

export interface Program {
  /** Runs an effect as a part of it. */
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Horde.Services>>
  readonly disk: Disk.Process
  /** Like `kill -9`: nothing that it does from now on reaches the disk or the server, and it receives nothing. */
  readonly kill: Effect.Effect<void>
  /** Its normal end: all of its jobs are cancelled, and its journal records that it left. */
  readonly leave: Effect.Effect<void>
}

export interface Options {
  readonly apiKey?: string
}

/** A connection that ends with its program: requests in flight continue, and their replies are dropped. */
const connection = (isDead: () => boolean) =>
  Effect.map(HttpClient.HttpClient, (server) =>
    HttpClient.make((request) =>
      Effect.suspend(() =>
        isDead()
          ? Effect.never
          : Effect.flatMap(server.execute(request), (response) => (isDead() ? Effect.never : Effect.succeed(response)))
      )
    )
  )

/** Starts one more program. It ends when the scope closes, or earlier. */
export const start = (disk: Disk.Disk, { apiKey = Accounts.plainKey }: Options = {}) =>
  Effect.gen(function* () {
    const process = disk.process()
    const http = yield* connection(process.isKilled)
    const layer = Horde.layerWithJournal({ baseUrl, apiKey: Redacted.make(apiKey) }).pipe(
      Layer.provide(FileJournal.layer({ directory })),
      Layer.provide([process.layer, Layer.succeed(HttpClient.HttpClient, http)]),
      Layer.fresh
    )
    const life = yield* Scope.make()
    const context = yield* Layer.buildWithScope(layer, life)
    const leave = Scope.close(life, Exit.void)
    const kill = Effect.zipRight(
      Effect.sync(() => process.kill()),
      Effect.asVoid(Effect.forkDaemon(leave))
    )
    yield* Effect.addFinalizer(() => kill)
    const program: Program = {
      run: Effect.mapInputContext((all) => Context.merge(all, context)) as Program["run"],
      disk: process,
      kill,
      leave
    }
    return program
  })

/** The states of the jobs in the journal of a program, in the order of their submits. */
export const states = Effect.flatMap(JobJournal.JobJournal, ({ entries }) =>
  Effect.map(entries, (all) =>
    all
      .slice()
      .sort((a, b) => a.submittedAt.epochMillis - b.submittedAt.epochMillis)
      .map(({ state }) => state)
  )
)

/** The server's id of a job. */
export const idOf = ({ id }: { readonly id?: Redacted.Redacted | undefined }): string | undefined =>
  Option.getOrUndefined(Option.map(Option.fromNullable(id), Redacted.value))

/** The contents of all files of a disk. */
export const textOn = (disk: Disk.Disk): string =>
  [...disk.files()].map(([name, bytes]) => `${name}\n${new TextDecoder().decode(bytes)}`).join("\n")
