/** Opens the journal on a `SqlClient`. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "effect-horde/HordeError"
import type * as JobJournal from "effect-horde/JobJournal"
import * as JournalStore from "effect-horde/JournalStore"
import * as failures from "./failures.js"
import * as tables from "./tables.js"

/**
 * The options of a journal in a database.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How long a program may go without a heartbeat before other programs take over its jobs: at most 7 days; 10 seconds
   * by default. Less than 1 second counts as 1 second. A program sends three heartbeats per lease.
   */
  readonly lease?: Duration.DurationInput | undefined
}

/** In milliseconds. */
const maxLease = 7 * 24 * 60 * 60_000

export const make = (
  options: Options = {}
): Effect.Effect<JobJournal.Service, JournalFailed, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const requested = Option.getOrElse(Duration.decodeUnknown(options.lease), () => Duration.seconds(10))
    const lease = Math.max(1000, Math.round(Duration.toMillis(requested)))
    // the column has 32 bits, and a recovery waits for the longest lease of the other owners
    if (lease > maxLease) return yield* JournalStore.cannotOpen("the lease must be at most a week")
    yield* Effect.mapError(tables.create(sql), (error) => JournalStore.cannotOpen(failures.describe(error)))
    return yield* JournalStore.makeJournal(tables.make(sql, lease))
  })
