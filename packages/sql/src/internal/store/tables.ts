/**
 * All SQL statements, for SQLite and PostgreSQL: the store of the journal.
 *
 * Each operation is one statement, and so atomic by itself. None keeps a lock: two owners in one process may share a
 * file of SQLite, where a transaction that waits for its fiber would block the thread of both. Each may run twice, if the
 * reply to the first was lost: no entry is lost or gets two owners by that.
 *
 * An owner is a row in its table.
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

/** A lost connection is retried for this long: a restart of the server takes a few seconds. */
const reconnectWithin = "5 seconds"

const retried = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
  Effect.retry(statement, {
    schedule: Schedule.upTo(Schedule.spaced("250 millis"), reconnectWithin),
    while: isConnectionLost
  })

const texts = (statement: Statement<{ readonly entry: string }>): Effect.Effect<ReadonlyArray<string>, SqlError> =>
  Effect.map(retried(statement), (rows) => rows.map(({ entry }) => entry))

/** Whether a statement returned a row. */
const found = (statement: Statement<unknown>): Effect.Effect<boolean, SqlError> =>
  Effect.map(retried(statement), (rows) => rows.length > 0)

const discard = (statement: Statement<unknown>): Effect.Effect<void, SqlError> => Effect.asVoid(retried(statement))

const namesOf = (sql: SqlClient) => ({ entries: sql("effect_horde_entries"), owners: sql("effect_horde_owners") })

/**
 * Creates the tables if they are missing. `IF NOT EXISTS` alone is not enough: it may be forbidden where they exist, and
 * two programs that start at once can collide.
 */
export const create = (sql: SqlClient): Effect.Effect<void, SqlError> => {
  const { entries, owners } = namesOf(sql)
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

/** The store in these tables. The lease is in milliseconds. */
export const make = (sql: SqlClient, lease: number): Store<SqlError> => {
  const { entries, owners } = namesOf(sql)
  const open = sql.literal("('intent', 'live', 'finished')")
  const closed = sql.literal("('delivered', 'cancelled')")
  /** Without it a write could commit after the removal of its owner and after the query for orphans. SQLite has one writer. */
  const lockOwner = sql.onDialectOrElse({
    pg: () => sql.literal("FOR KEY SHARE"),
    orElse: () => sql.literal("")
  })

  return {
    lease,
    describe,

    addOwner: (id) => discard(sql`INSERT INTO ${owners} (id, beat, lease) VALUES (${id}, 0, ${lease})`),

    beat: (id) => found(sql`UPDATE ${owners} SET beat = beat + 1 WHERE id = ${id} RETURNING id`),

    removeOwner: (id) => discard(sql`DELETE FROM ${owners} WHERE id = ${id}`),

    removeSilent: ({ beat, id }) => discard(sql`DELETE FROM ${owners} WHERE id = ${id} AND beat = ${beat}`),

    others: (me) =>
      Effect.map(
        retried(
          sql<Other>`SELECT id, beat, lease, (
            SELECT COUNT(*) FROM ${entries} WHERE owner = ${owners}.id AND state IN ${open}
          ) AS open FROM ${owners} WHERE id <> ${me}`
        ),
        // PostgreSQL counts in 64 bits, which arrive as text
        (rows) => rows.map((row) => ({ ...row, open: Number(row.open) }))
      ),

    write: (entry, owner) =>
      found(
        sql`INSERT INTO ${entries} (key, owner, version, state, changed_at, entry)
          SELECT ${entry.key}, id, 1, ${entry.state}, CAST(${DateTime.toEpochMillis(entry.changedAt)} AS BIGINT), ${encode(entry)}
          FROM ${owners} WHERE id = ${owner} ${lockOwner}
          ON CONFLICT (key) DO UPDATE
          SET state = excluded.state, changed_at = excluded.changed_at, entry = excluded.entry
          WHERE ${entries}.owner = excluded.owner
          RETURNING key`
      ),

    holds: (key, owner) =>
      found(
        sql`SELECT 1 FROM ${entries} WHERE key = ${key} AND owner = ${owner} AND owner IN (SELECT id FROM ${owners})`
      ),

    all: texts(sql`SELECT entry FROM ${entries} ORDER BY changed_at, key`),

    orphans: () =>
      retried(
        sql<Orphan>`SELECT key, owner, entry AS text FROM ${entries}
          WHERE owner NOT IN (SELECT id FROM ${owners}) ORDER BY changed_at, key`
      ),

    take: (keys, from, me) =>
      texts(
        sql`UPDATE ${entries} SET owner = ${me}
          WHERE owner = ${from} AND ${sql.in("key", keys)}
          AND EXISTS (SELECT 1 FROM ${owners} WHERE id = ${me})
          RETURNING entry`
      ),

    // rows of a later version of this library are left to it
    compact: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      discard(
        sql`DELETE FROM ${entries}
          WHERE version = 1 AND state IN ${closed} AND changed_at < CAST(${now - rememberedFor} AS BIGINT)`
      )
    )
  }
}
