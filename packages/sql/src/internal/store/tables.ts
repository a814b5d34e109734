/**
 * The store of the journal: all SQL statements, for SQLite and PostgreSQL.
 *
 * Each operation is a single statement, so it is atomic without a transaction. A transaction would hold a lock between
 * its statements: of two owners in one process that share a SQLite file, the one that waits for the lock blocks the
 * thread on which the other has to continue. A statement may run twice if the reply to the first run was lost: even then
 * no entry is lost, and none gets two owners.
 *
 * An owner is a row of `effect_horde_owners`.
 */
import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Statement } from "@effect/sql/Statement"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { encode, rememberedFor } from "effect-horde/JobJournal"
import type { Orphan, Other, Store } from "effect-horde/JournalStore"
import { describe, isConnectionLost } from "./failures.js"

/** How long a statement is retried after a lost connection: a restart of the server takes a few seconds. */
const reconnectWithin = "5 seconds"

const retryLostConnection = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
  Effect.retry(statement, {
    schedule: Schedule.upTo(Schedule.spaced("250 millis"), reconnectWithin),
    while: isConnectionLost
  })

const selectTexts = (
  statement: Statement<{ readonly entry: string }>
): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  Effect.map(retryLostConnection(statement), (rows) => rows.map(({ entry }) => entry))

/** Whether a statement returned a row. */
const returnsRow = (statement: Statement<unknown>): Effect.Effect<boolean, SqlError> =>
  Effect.map(retryLostConnection(statement), (rows) => rows.length > 0)

const execute = (statement: Statement<unknown>): Effect.Effect<void, SqlError> =>
  Effect.asVoid(retryLostConnection(statement))

const tableNames = (sql: SqlClient) => ({ entries: sql("effect_horde_entries"), owners: sql("effect_horde_owners") })

/**
 * Creates the tables if they are missing. `IF NOT EXISTS` alone is not enough: the database user may lack the permission
 * to create tables although they exist, and two programs that start at the same time can collide.
 */
export const create = (sql: SqlClient): Effect.Effect<void, SqlError> => {
  const { entries, owners } = tableNames(sql)
  const exist = Effect.all([sql`SELECT 1 FROM ${entries} WHERE 1 = 0`, sql`SELECT 1 FROM ${owners} WHERE 1 = 0`])
  const createAll = Effect.all([
    sql`CREATE TABLE IF NOT EXISTS ${entries} (
      key TEXT PRIMARY KEY,
      owner TEXT NOT NULL,
      version INTEGER NOT NULL,
      state TEXT NOT NULL,
      changed_at BIGINT NOT NULL,
      entry TEXT NOT NULL
    )`,
    sql`CREATE INDEX IF NOT EXISTS effect_horde_entries_changed_at ON ${entries} (changed_at)`,
    sql`CREATE TABLE IF NOT EXISTS ${owners} (id TEXT PRIMARY KEY, beat INTEGER NOT NULL, lease INTEGER NOT NULL)`
  ])
  return Effect.orElse(Effect.asVoid(exist), () => Effect.asVoid(createAll)).pipe(
    Effect.retry({ times: 5 }),
    Effect.withTracerEnabled(false)
  )
}

/** The lease is in milliseconds. */
export const make = (sql: SqlClient, lease: number): Store<SqlError> => {
  const { entries, owners } = tableNames(sql)
  const open = sql.literal("('intent', 'live', 'finished')")
  const closed = sql.literal("('delivered', 'cancelled')")
  /**
   * Locks the owner's row during a write. Without the lock the write could commit after another program has removed the
   * owner and queried its orphans. SQLite has a single writer and needs no lock.
   */
  const lockOwner = sql.onDialectOrElse({
    pg: () => sql.literal("FOR KEY SHARE"),
    orElse: () => sql.literal("")
  })

  return {
    lease,
    describe,

    addOwner: (id) => execute(sql`INSERT INTO ${owners} (id, beat, lease) VALUES (${id}, 0, ${lease})`),

    beat: (id) => returnsRow(sql`UPDATE ${owners} SET beat = beat + 1 WHERE id = ${id} RETURNING id`),

    removeOwner: (id) => execute(sql`DELETE FROM ${owners} WHERE id = ${id}`),

    removeSilent: ({ beat, id }) => execute(sql`DELETE FROM ${owners} WHERE id = ${id} AND beat = ${beat}`),

    others: (me) =>
      Effect.map(
        retryLostConnection(
          sql<Other>`SELECT id, beat, lease, (
            SELECT COUNT(*) FROM ${entries} WHERE owner = ${owners}.id AND state IN ${open}
          ) AS open FROM ${owners} WHERE id <> ${me}`
        ),
        // PostgreSQL counts in 64 bits; the driver returns such numbers as text
        (rows) => rows.map((row) => ({ ...row, open: Number(row.open) }))
      ),

    write: (entry, owner) =>
      returnsRow(
        sql`INSERT INTO ${entries} (key, owner, version, state, changed_at, entry)
          SELECT ${entry.key}, id, 1, ${entry.state}, CAST(${DateTime.toEpochMillis(entry.changedAt)} AS BIGINT), ${encode(entry)}
          FROM ${owners} WHERE id = ${owner} ${lockOwner}
          ON CONFLICT (key) DO UPDATE
          SET state = excluded.state, changed_at = excluded.changed_at, entry = excluded.entry
          WHERE ${entries}.owner = excluded.owner
          RETURNING key`
      ),

    holds: (key, owner) =>
      returnsRow(
        sql`SELECT 1 FROM ${entries} WHERE key = ${key} AND owner = ${owner} AND owner IN (SELECT id FROM ${owners})`
      ),

    all: selectTexts(sql`SELECT entry FROM ${entries} ORDER BY changed_at, key`),

    orphans: () =>
      retryLostConnection(
        sql<Orphan>`SELECT key, owner, entry AS text FROM ${entries}
          WHERE owner NOT IN (SELECT id FROM ${owners}) ORDER BY changed_at, key`
      ),

    take: (keys, from, me) =>
      selectTexts(
        sql`UPDATE ${entries} SET owner = ${me}
          WHERE owner = ${from} AND ${sql.in("key", keys)}
          AND EXISTS (SELECT 1 FROM ${owners} WHERE id = ${me})
          RETURNING entry`
      ),

    // rows of newer versions of this library are kept
    compact: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      execute(
        sql`DELETE FROM ${entries}
          WHERE version = 1 AND state IN ${closed} AND changed_at < CAST(${now - rememberedFor} AS BIGINT)`
      )
    )
  }
}
