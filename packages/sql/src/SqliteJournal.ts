/**
 * A journal of jobs in a file: SQLite inside this program, with nothing to compile and no server. Programs on one machine
 * may share the file. It must not be on a network drive: for many machines there is `PostgresJournal`.
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
 * @since 0.1.0
 * @category models
 */
export interface Options extends journal.Options {
  /**
   * `effect-horde.db` in the working directory by default. A new file is readable by its owner only; its folder has to
   * exist.
   */
  readonly filename?: string | undefined
}

/**
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
