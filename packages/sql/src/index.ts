/**
 * A journal of AI Horde jobs in SQL, for effect-horde: embedded SQLite or PostgreSQL.
 *
 * @since 0.1.0
 */

/**
 * A journal of jobs in PostgreSQL, which programs on many machines can share.
 *
 * @since 0.1.0
 */
export * as PostgresJournal from "./PostgresJournal.js"

/**
 * A journal of jobs in a SQLite file, without a server.
 *
 * @since 0.1.0
 */
export * as SqliteJournal from "./SqliteJournal.js"

/**
 * A journal of jobs in a database.
 *
 * @since 0.1.0
 */
export * as SqlJournal from "./SqlJournal.js"
