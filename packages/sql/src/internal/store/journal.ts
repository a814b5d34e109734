/** The journal over the tables. */
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
 * How a journal is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * How long a program may send no heartbeat before others take it for dead, from 1 second to a week; 10 seconds by
   * default. It sends three in each lease.
   */
  readonly lease?: Duration.DurationInput | undefined
}

/** In milliseconds. */
const longestLease = 7 * 24 * 60 * 60_000

export const make = (
  options: Options = {}
): Effect.Effect<JobJournal.Service, JournalFailed, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const wanted = Option.getOrElse(Duration.decodeUnknown(options.lease), () => Duration.seconds(10))
    const lease = Math.max(1000, Math.round(Duration.toMillis(wanted)))
    // the column has 32 bits, and a recovery would wait as long
    if (lease > longestLease) return yield* JournalStore.cannotOpen("its lease must be at most a week")
    yield* Effect.mapError(tables.create(sql), (error) => JournalStore.cannotOpen(failures.describe(error)))
    return yield* JournalStore.makeJournal(tables.make(sql, lease))
  })
