/**
 * A journal of jobs in PostgreSQL.
 *
 * @since 0.1.0
 */
export * as PostgresJournal from "./PostgresJournal.js"

/**
 * A journal of jobs in SQLite, embedded.
 *
 * @since 0.1.0
 */
export * as SqliteJournal from "./SqliteJournal.js"

/**
 * A journal of jobs over a connection of `@effect/sql`, or where the environment says.
 *
 * @since 0.1.0
 */
export * as SqlJournal from "./SqlJournal.js"
