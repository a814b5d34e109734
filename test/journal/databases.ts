/** Databases for tests of the journal in SQL, in which a test can put its hand on each statement. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "@effect/sql"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Context, Effect, Layer, type Redacted, type Scope, Stream } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import Database from "libsql"

/** The service of a layer, for as long as the scope is open. */
export const opened = <E>(
  layer: Layer.Layer<JobJournal.JobJournal, E>
): Effect.Effect<JobJournal.Service, E, Scope.Scope> =>
  Effect.map(Layer.build(layer), Context.get(JobJournal.JobJournal))

/** A new folder that goes with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-sql-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

type Rows = Effect.Effect<ReadonlyArray<never>, SqlError.SqlError>

/** What becomes of a statement. */
export type Hand = (statement: Rows, sql: string) => Rows

const clientOf = (compiler: Statement.Compiler, run: SqlConnection.Connection["executeRaw"], hand: Hand) => {
  const execute = (sql: string, params: ReadonlyArray<unknown>) => hand(run(sql, params) as Rows, sql)
  return SqlClient.make({
    acquirer: Effect.succeed({
      execute,
      executeUnprepared: execute,
      executeRaw: execute,
      executeValues: execute,
      executeStream: (sql, params) => Stream.fromIterableEffect(execute(sql, params))
    }),
    compiler,
    spanAttributes: []
  })
}

const all = (database: Database.Database, sql: string, params: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const statement = database.prepare(sql)
  if (statement.reader) return statement.all(...params)
  statement.run(...params)
  return []
}

/** One statement on a file, from outside. */
export const inFile = (filename: string, sql: string, ...params: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const database = new Database(filename, { timeout: 5000 })
  try {
    return all(database, sql, params)
  } finally {
    database.close()
  }
}

export const sqlite = (filename: string, hand: Hand = (statement) => statement): Layer.Layer<SqlClient.SqlClient> =>
  Layer.scoped(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const database = yield* Effect.acquireRelease(
        Effect.sync(() => new Database(filename, { timeout: 5000 })),
        (database) => Effect.sync(() => void database.close())
      )
      const run = (sql: string, params: ReadonlyArray<unknown>) =>
        Effect.try({ try: () => all(database, sql, params), catch: (cause) => new SqlError.SqlError({ cause }) })
      return yield* clientOf(Statement.makeCompilerSqlite(), run, hand)
    })
  ).pipe(Layer.provide(Reactivity.layer))

/** The hand may also use the client that is behind it. */
export const postgresql = (
  url: Redacted.Redacted,
  hand: (pg: PgClient.PgClient) => Hand = () => (statement) => statement
): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.flatMap(PgClient.PgClient, (pg) =>
      clientOf(PgClient.makeCompiler(), (sql, params) => pg.unsafe(sql, params).withoutTransform, hand(pg))
    )
  ).pipe(Layer.provide([PgClient.layer({ url }), Reactivity.layer]))

/** Real time, whatever the clock of the test says. */
export const really = (millis: number): Effect.Effect<void> =>
  Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))
