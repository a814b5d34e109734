/**
 * A journal of jobs in PostgreSQL, which programs on many machines can share.
 *
 * @since 0.1.0
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { JournalFailed } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import { cannotOpen } from "effect-horde/JournalStore"
import * as journal from "./internal/store/journal.js"

/**
 * The options of {@link layer}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends journal.Options {
  /** The URL of the database, such as `postgres://user:password@host/database`. */
  readonly url: Redacted.Redacted
}

/** More than one, so that heartbeats do not wait for the writes of entries. */
const maxConnections = 4

const unreachable = cannotOpen("PostgreSQL cannot be reached")

/**
 * Opens a pool of up to 4 connections, and a journal on it. Fails with `JournalFailed` if the URL is invalid or the
 * database cannot be reached.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = ({ url, ...options }: Options): Layer.Layer<JobJournal.JobJournal, JournalFailed> =>
  Layer.scoped(JobJournal.JobJournal, journal.make(options)).pipe(
    Layer.provide(
      PgClient.layer({ url, maxConnections, applicationName: "effect-horde" }).pipe(
        // an invalid URL is a defect, not a failure: the client throws
        Layer.catchAllCause(() => Layer.effectContext(Effect.fail(unreachable)))
      )
    )
  )
