/**
 * A journal of jobs in PostgreSQL, which programs on many machines may share.
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
 * @since 0.1.0
 * @category models
 */
export interface Options extends journal.Options {
  /** `postgres://user:password@host/database` */
  readonly url: Redacted.Redacted
}

/** The writes of one entry run one after the other; heartbeats must not wait for them. */
const maxConnections = 4

const unreachable = cannotOpen("PostgreSQL cannot be reached")

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = ({ url, ...options }: Options): Layer.Layer<JobJournal.JobJournal, JournalFailed> =>
  Layer.scoped(JobJournal.JobJournal, journal.make(options)).pipe(
    Layer.provide(
      PgClient.layer({ url, maxConnections, applicationName: "effect-horde" }).pipe(
        // an invalid address throws
        Layer.catchAllCause(() => Layer.effectContext(Effect.fail(unreachable)))
      )
    )
  )
