/**
 * A file of SQLite as a `SqlClient`, by `libsql`, which comes ready-made from the registry: nothing is compiled, and
 * nothing else is fetched.
 *
 * A statement runs from its beginning to its end while the thread waits, so that it needs no lock of its own.
 */
import { closeSync, openSync, statSync } from "node:fs"
import { resolve } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Statement from "@effect/sql/Statement"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import Database from "libsql"

/** How long a statement waits for that of another process, in milliseconds. */
const busyFor = 5000

const attempt = <A>(message: string, run: () => A): Effect.Effect<A, SqlError> =>
  Effect.try({ try: run, catch: (cause) => new SqlError({ cause, message }) })

/** The file that is opened was removed, or another one was put in its place: what is written to it is lost. */
export class FileRemoved extends Data.TaggedError("FileRemoved")<{ readonly filename: string }> {}

/** Throws where the file of this name is not the one that was there before. */
const watchFile = (filename: string): (() => void) => {
  if (filename === ":memory:") return () => {}
  const path = resolve(filename)
  const identity = () => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? undefined : `${found.dev} ${found.ino}`
  }
  const opened = identity()
  return () => {
    if (identity() !== opened) throw new FileRemoved({ filename: path })
  }
}

const isBusy = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && String(cause.code).startsWith("SQLITE_BUSY")

/** Whoever can read the file can cancel the jobs in it. */
const makePrivate = (filename: string): void => {
  if (filename !== ":memory:") closeSync(openSync(filename, "a", 0o600))
}

const open = (filename: string): Effect.Effect<Database.Database, SqlError> =>
  attempt("the file cannot be opened", () => {
    makePrivate(filename)
    const database = new Database(filename, { timeout: busyFor })
    try {
      database.exec("PRAGMA journal_mode = WAL")
      // each write is on the disk when it returns: a power cut loses none
      database.exec("PRAGMA synchronous = FULL")
    } catch (error) {
      database.close()
      throw error
    }
    return database
    // to change the mode of the file does not wait for another process that is about to do the same
  }).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 100, while: ({ cause }) => isBusy(cause) }))

const make = (filename: string) =>
  Effect.gen(function* () {
    const database = yield* Effect.acquireRelease(open(filename), (database) => Effect.sync(() => database.close()))

    const ensureSameFile = watchFile(filename)
    const run = (sql: string, params: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
      ensureSameFile()
      const statement = database.prepare(sql)
      if (statement.reader) return statement.all(...params)
      statement.run(...params)
      return []
    }
    const execute: Connection["execute"] = (sql, params) =>
      attempt("a statement failed", () => run(sql, params) as Array<object>)
    const connection: Connection = {
      execute,
      executeUnprepared: execute,
      executeRaw: (sql, params) => execute(sql, params, undefined),
      executeValues: (sql, params) => Effect.map(execute(sql, params, undefined), (rows) => rows.map(Object.values)),
      executeStream: (sql, params) => Stream.fromIterableEffect(execute(sql, params, undefined))
    }
    return yield* SqlClient.make({
      acquirer: Effect.succeed(connection),
      compiler: Statement.makeCompilerSqlite(),
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  })

export const layer = (filename: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.scoped(SqlClient.SqlClient, make(filename)).pipe(Layer.provide(Reactivity.layer))
