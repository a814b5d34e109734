/**
 * A journal of jobs in a SQLite file, without a server. Nothing is compiled at installation.
 *
 * Programs on one machine can share the file. Do not put it on a network drive; for several machines use
 * `PostgresJournal`.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import type { JournalFailed } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import { cannotOpen } from "effect-horde/JournalStore"
import * as libsql from "./internal/sqlite/libsql.js"
import * as journal from "./internal/store/journal.js"

/**
 * The options of {@link layer}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends journal.Options {
  /**
   * The path of the file; `effect-horde.db` in the working directory by default. Only the current user can read a new
   * file. Its directory must exist.
   */
  readonly filename?: string | undefined
}

/**
 * Opens the file, and a journal in it. Creates the file if it is missing. Fails with `JournalFailed` if the file cannot
 * be opened.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = ({
  filename = "effect-horde.db",
  ...options
}: Options = {}): Layer.Layer<JobJournal.JobJournal, JournalFailed> =>
  Layer.scoped(JobJournal.JobJournal, journal.make(options)).pipe(
    Layer.provide(Layer.mapError(libsql.layer(filename), () => cannotOpen("the file cannot be opened")))
  )
