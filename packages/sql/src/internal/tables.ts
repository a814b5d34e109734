/**
 * All SQL there is, for SQLite and PostgreSQL.
 *
 * Each of these is one statement, and so all or nothing by itself. None leaves a lock behind: two owners in one process
 * may share a file of SQLite, where a transaction that waits for its fiber's turn would stop the thread for both.
 *
 * An owner is a row that is there. Whoever removes it, be it the owner as it leaves or another one that found it silent,
 * makes its entries free to be taken, and every later write of it miss.
 */
import type { SqlClient } from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as JobJournal from "effect-horde/JobJournal"

/** Another owner, as one look at it shows. */
export interface Seen {
  readonly id: string
  readonly beat: number
  /** In milliseconds. */
  readonly lease: number
  /** How many open entries it has. */
  readonly open: number
}

/** An entry whose owner is gone. */
export interface Orphan {
  readonly key: string
  readonly owner: string
  readonly version: number
  readonly entry: string
}

/** What stands in the columns beside an entry's text. */
export interface Row {
  readonly key: string
  readonly state: JobJournal.State
  readonly changedAt: number
  readonly text: string
}

const found = (rows: ReadonlyArray<unknown>): boolean => rows.length > 0

export const make = (sql: SqlClient) => {
  const entries = sql("effect_horde_entries")
  const owners = sql("effect_horde_owners")
  const open = sql.literal("('intent', 'live', 'finished')")
  const closed = sql.literal("('delivered', 'cancelled')")
  /** Elsewhere a write could slip in between an owner's end and the look at what it left. SQLite writes in turn. */
  const whileItStays = sql.onDialectOrElse({
    pg: () => sql.literal("FOR KEY SHARE"),
    orElse: () => sql.literal("")
  })

  const exist = Effect.all([sql`SELECT 1 FROM ${entries} WHERE 1 = 0`, sql`SELECT 1 FROM ${owners} WHERE 1 = 0`])

  const create = Effect.all(
    [
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
    ],
    { discard: true }
  )

  return {
    /** Not simply created: that may be forbidden where they exist, and two programs that begin at once can collide. */
    ready: exist.pipe(
      Effect.asVoid,
      Effect.orElse(() => create),
      Effect.retry({ times: 5 })
    ),

    addOwner: (id: string, lease: number): Effect.Effect<void, SqlError> =>
      Effect.asVoid(sql`INSERT INTO ${owners} (id, beat, lease) VALUES (${id}, 0, ${lease})`),

    /** A sign of life; or the news that one was taken for dead. */
    beat: (id: string): Effect.Effect<boolean, SqlError> =>
      Effect.map(sql`UPDATE ${owners} SET beat = beat + 1 WHERE id = ${id} RETURNING id`, found),

    removeOwner: (id: string): Effect.Effect<void, SqlError> =>
      Effect.asVoid(sql`DELETE FROM ${owners} WHERE id = ${id}`),

    /** Nothing happens where it moved since. */
    removeSilent: ({ beat, id }: Seen): Effect.Effect<void, SqlError> =>
      Effect.asVoid(sql`DELETE FROM ${owners} WHERE id = ${id} AND beat = ${beat}`),

    others: (me: string): Effect.Effect<ReadonlyArray<Seen>, SqlError> =>
      Effect.map(
        sql<Seen>`SELECT id, beat, lease, (
          SELECT COUNT(*) FROM ${entries} WHERE owner = ${owners}.id AND state IN ${open}
        ) AS open FROM ${owners} WHERE id <> ${me}`,
        // PostgreSQL counts in 64 bits, which arrive as text
        (rows) => rows.map(({ beat, id, lease, open }) => ({ id, beat, lease, open: Number(open) }))
      ),

    /** Whether it was written: it is not where the entry is another's, or the owner is no more. */
    write: ({ changedAt, key, state, text }: Row, me: string): Effect.Effect<boolean, SqlError> =>
      Effect.map(
        sql`INSERT INTO ${entries} (key, owner, version, state, changed_at, entry)
          SELECT ${key}, id, 1, ${state}, CAST(${changedAt} AS BIGINT), ${text}
          FROM ${owners} WHERE id = ${me} ${whileItStays}
          ON CONFLICT (key) DO UPDATE
          SET state = excluded.state, changed_at = excluded.changed_at, entry = excluded.entry
          WHERE ${entries}.owner = excluded.owner
          RETURNING key`,
        found
      ),

    holds: (key: string, me: string): Effect.Effect<boolean, SqlError> =>
      Effect.map(
        sql`SELECT 1 FROM ${entries} WHERE key = ${key} AND owner = ${me} AND owner IN (SELECT id FROM ${owners})`,
        found
      ),

    all: Effect.map(sql<{ readonly entry: string }>`SELECT entry FROM ${entries} ORDER BY changed_at, key`, (rows) =>
      rows.map(({ entry }) => entry)
    ),

    orphans: sql<Orphan>`SELECT key, owner, version, entry FROM ${entries}
      WHERE owner NOT IN (SELECT id FROM ${owners}) ORDER BY changed_at, key`,

    /** The texts of those that nobody else took first. No owner comes back who is gone. */
    take: (keys: ReadonlyArray<string>, from: string, me: string): Effect.Effect<ReadonlyArray<string>, SqlError> =>
      Effect.map(
        sql<{ readonly entry: string }>`UPDATE ${entries} SET owner = ${me}
          WHERE owner = ${from} AND ${sql.in("key", keys)}
          AND EXISTS (SELECT 1 FROM ${owners} WHERE id = ${me})
          RETURNING entry`,
        (rows) => rows.map(({ entry }) => entry)
      ),

    /** What a later version wrote is its own affair. */
    removePast: (before: number): Effect.Effect<void, SqlError> =>
      Effect.asVoid(
        sql`DELETE FROM ${entries} WHERE version = 1 AND state IN ${closed} AND changed_at < CAST(${before} AS BIGINT)`
      )
  }
}

export type Tables = ReturnType<typeof make>
