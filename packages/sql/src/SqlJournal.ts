/**
 * A journal of jobs in a database. Several programs can share it: on one machine with SQLite, on many with PostgreSQL.
 *
 * `SqliteJournal` and `PostgresJournal` open their own connection; {@link layer} uses a `SqlClient` of `@effect/sql`.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import * as SqlJournal from "@effect-horde/sql/SqlJournal"
 * import * as Horde from "effect-horde/Horde"
 * import * as Layer from "effect/Layer"
 *
 * export const HordeFromEnvironment = Horde.layerWithJournalConfig().pipe(
 *   Layer.provide([FetchHttpClient.layer, SqlJournal.layerConfig()])
 * )
 * ```
 *
 * @since 0.1.0
 */
import { fileURLToPath } from "node:url"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import { cannotOpen } from "effect-horde/JournalStore"
import * as journal from "./internal/store/journal.js"

export type { Options } from "./internal/store/journal.js"

/**
 * Makes a journal on a client for SQLite or PostgreSQL. It creates its two tables (`effect_horde_entries` and
 * `effect_horde_owners`) if they are missing. When the scope closes, it releases its entries: another program can take
 * over the open ones without waiting for the lease. If the connection is lost, a statement is retried for 5 seconds: a
 * restart of the server may take that long.
 *
 * The journal writes outside of the caller's transactions, so a rollback does not undo its writes. On a client with a
 * single connection that is a deadlock: the write waits for the transaction, and the transaction for the write. A
 * program that calls the horde within transactions on such a client has to give the journal a client of its own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: journal.Options
) => Effect.Effect<JobJournal.Service, JournalFailed, SqlClient.SqlClient | Scope.Scope> = journal.make

/**
 * The journal of {@link make} as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: journal.Options
): Layer.Layer<JobJournal.JobJournal, JournalFailed, SqlClient.SqlClient> =>
  Layer.scoped(JobJournal.JobJournal, make(options))

const variable = "HORDE_JOURNAL_URL"

type Location = { readonly url: Redacted.Redacted } | { readonly filename: string }

const parseLocation = (text: string): Either.Either<Location, ConfigError.ConfigError> => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return Either.right({ filename: text })
  if (scheme === "postgres" || scheme === "postgresql") return Either.right({ url: Redacted.make(text) })
  const invalid = () => ConfigError.InvalidData([variable], "Expected postgres://…, file://… or a file name")
  return scheme === "file"
    ? Either.try({ try: () => ({ filename: fileURLToPath(text) }), catch: invalid })
    : Either.left(invalid())
}

const locationConfig: Config.Config<Location> = Config.nonEmptyString(variable).pipe(
  Config.withDefault("effect-horde.db"),
  Config.mapOrFail(parseLocation)
)

const loadDriver = <A>(load: () => Promise<A>): Effect.Effect<A, JournalFailed> =>
  Effect.tryPromise({ try: load, catch: () => cannotOpen("the database driver cannot be loaded on this system") })

/**
 * The journal at the location in `HORDE_JOURNAL_URL`: PostgreSQL for `postgres://…` or `postgresql://…`; a SQLite file
 * for `file://…` or a file name; by default the SQLite file `effect-horde.db` in the working directory. Loads only the
 * driver that it needs.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: journal.Options = {}
): Layer.Layer<JobJournal.JobJournal, JournalFailed | ConfigError.ConfigError> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const location = yield* locationConfig
      if ("url" in location) {
        const { layer } = yield* loadDriver(() => import("./PostgresJournal.js"))
        return layer({ ...options, url: location.url })
      }
      const { layer } = yield* loadDriver(() => import("./SqliteJournal.js"))
      return layer({ ...options, filename: location.filename })
    })
  )
