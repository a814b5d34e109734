/** Databases for tests of the journal in SQL, in which a test can intercept each statement. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "@effect/sql"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Context, Effect, Layer, type Redacted, type Scope, Stream } from "effect"
import * as JobJournal from "effect-horde/JobJournal"
import Database from "libsql"

/** The service of a layer, as long as the scope is open. */
export const opened = <E>(
  layer: Layer.Layer<JobJournal.JobJournal, E>
): Effect.Effect<JobJournal.Service, E, Scope.Scope> =>
  Effect.map(Layer.build(layer), Context.get(JobJournal.JobJournal))

/** A new folder that is removed with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-horde-sql-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

type Rows = Effect.Effect<ReadonlyArray<never>, SqlError.SqlError>

/** Intercepts a statement. */
export type Interceptor = (statement: Rows, sql: string) => Rows

const clientOf = (
  compiler: Statement.Compiler,
  run: SqlConnection.Connection["executeRaw"],
  intercept: Interceptor
) => {
  const execute = (sql: string, params: ReadonlyArray<unknown>) => intercept(run(sql, params) as Rows, sql)
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

export const sqlite = (
  filename: string,
  intercept: Interceptor = (statement) => statement
): Layer.Layer<SqlClient.SqlClient> =>
  Layer.scoped(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const database = yield* Effect.acquireRelease(
        Effect.sync(() => new Database(filename, { timeout: 5000 })),
        (database) => Effect.sync(() => void database.close())
      )
      const run = (sql: string, params: ReadonlyArray<unknown>) =>
        Effect.try({ try: () => all(database, sql, params), catch: (cause) => new SqlError.SqlError({ cause }) })
      return yield* clientOf(Statement.makeCompilerSqlite(), run, intercept)
    })
  ).pipe(Layer.provide(Reactivity.layer))

/** The interceptor may also use the client below it. */
export const postgresql = (
  url: Redacted.Redacted,
  intercept: (pg: PgClient.PgClient) => Interceptor = () => (statement) => statement
): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.flatMap(PgClient.PgClient, (pg) =>
      clientOf(PgClient.makeCompiler(), (sql, params) => pg.unsafe(sql, params).withoutTransform, intercept(pg))
    )
  ).pipe(Layer.provide([PgClient.layer({ url }), Reactivity.layer]))

/** Real time, whatever the virtual time is. */
export const really = (millis: number): Effect.Effect<void> =>
  Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))
