/**
 * A SQLite file as a `SqlClient`, through `libsql`: its packages contain the binaries, so that nothing is compiled or
 * downloaded after the installation. A statement blocks the thread until it ends, so it needs no lock.
 *
 * Not `@effect/sql-libsql`: it has no busy timeout, its client depends on an older `libsql` (0.4), `ws` and
 * `node-fetch`, and it does not check whether the file was removed or replaced.
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

/** How long a statement waits for a lock of another process, in milliseconds. */
const busyTimeout = 5000

const attempt = <A>(message: string, run: () => A): Effect.Effect<A, SqlError> =>
  Effect.try({ try: run, catch: (cause) => new SqlError({ cause, message }) })

/** The open file was removed or replaced: writes to it would be lost. */
export class FileRemoved extends Data.TaggedError("FileRemoved")<{ readonly filename: string }> {}

/** Returns a check that throws if the path no longer leads to the file that was opened. */
const makeFileCheck = (filename: string): (() => void) => {
  if (filename === ":memory:") return () => {}
  const path = resolve(filename)
  const identity = () => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? undefined : `${found.dev} ${found.ino}`
  }
  const expected = identity()
  return () => {
    if (identity() !== expected) throw new FileRemoved({ filename: path })
  }
}

const isBusy = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && String(cause.code).startsWith("SQLITE_BUSY")

/** Creates a missing file that only this user can read: the ids in it are enough to cancel the jobs. */
const createPrivateFile = (filename: string): void => {
  if (filename !== ":memory:") closeSync(openSync(filename, "a", 0o600))
}

const open = (filename: string): Effect.Effect<Database.Database, SqlError> =>
  attempt("the file cannot be opened", () => {
    createPrivateFile(filename)
    const database = new Database(filename, { timeout: busyTimeout })
    try {
      database.exec("PRAGMA journal_mode = WAL")
      // each write is durable when it returns
      database.exec("PRAGMA synchronous = FULL")
    } catch (error) {
      database.close()
      throw error
    }
    return database
    // the busy timeout does not apply to a change of the journal mode
  }).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 100, while: ({ cause }) => isBusy(cause) }))

const make = (filename: string) =>
  Effect.gen(function* () {
    const database = yield* Effect.acquireRelease(open(filename), (database) => Effect.sync(() => database.close()))

    const ensureSameFile = makeFileCheck(filename)
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
