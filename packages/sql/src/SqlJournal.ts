/**
 * A journal of jobs in a database. Several programs may share it, on one machine or, with PostgreSQL, on many.
 *
 * `SqliteJournal` and `PostgresJournal` bring their own connection; {@link layer} takes one from `@effect/sql`.
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
 * A journal over a connection to SQLite or PostgreSQL. It creates its two tables (`effect_horde_entries` and
 * `effect_horde_owners`) if they are missing, and removes its owner when the scope closes. A statement whose connection
 * was lost is retried for 5 seconds, as long as a restart of the server may take.
 *
 * A write lasts even if a transaction around it is rolled back. So a program that calls the horde within transactions on
 * a client with a single connection has to give the journal a client of its own: each would wait for the other.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: journal.Options
) => Effect.Effect<JobJournal.Service, JournalFailed, SqlClient.SqlClient | Scope.Scope> = journal.make

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: journal.Options
): Layer.Layer<JobJournal.JobJournal, JournalFailed, SqlClient.SqlClient> =>
  Layer.scoped(JobJournal.JobJournal, make(options))

const variable = "HORDE_JOURNAL_URL"

/** The location of a journal. */
type Place = { readonly url: Redacted.Redacted } | { readonly filename: string }

const placeOf = (text: string): Either.Either<Place, ConfigError.ConfigError> => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return Either.right({ filename: text })
  if (scheme === "postgres" || scheme === "postgresql") return Either.right({ url: Redacted.make(text) })
  const wrong = () => ConfigError.InvalidData([variable], "Expected postgres://…, file://… or the name of a file")
  return scheme === "file"
    ? Either.try({ try: () => ({ filename: fileURLToPath(text) }), catch: wrong })
    : Either.left(wrong())
}

const placeConfig: Config.Config<Place> = Config.nonEmptyString(variable).pipe(
  Config.withDefault("effect-horde.db"),
  Config.mapOrFail(placeOf)
)

const loaded = <A>(load: () => Promise<A>): Effect.Effect<A, JournalFailed> =>
  Effect.tryPromise({ try: load, catch: () => cannotOpen("its driver cannot be loaded on this system") })

/**
 * The journal that `HORDE_JOURNAL_URL` names: PostgreSQL for `postgres://…` or `postgresql://…`, otherwise a file of
 * SQLite, by default `effect-horde.db` in the working directory. Only the driver that is needed is loaded.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: journal.Options = {}
): Layer.Layer<JobJournal.JobJournal, JournalFailed | ConfigError.ConfigError> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const place = yield* placeConfig
      if ("url" in place) {
        const { layer } = yield* loaded(() => import("./PostgresJournal.js"))
        return layer({ ...options, url: place.url })
      }
      const { layer } = yield* loaded(() => import("./SqliteJournal.js"))
      return layer({ ...options, filename: place.filename })
    })
  )
