/**
 * A journal of jobs in the browser's IndexedDB: when a page is closed, reloaded or crashes, the next visit or another
 * open tab takes over its jobs.
 *
 * Each page that opens the journal holds a Web Lock, which the browser releases with the page: a dead page is detected
 * at once, without a lease. If several tabs take over the jobs of a dead page, each job gets one owner.
 *
 * A page in the browser's back/forward cache is alive until another page takes over its jobs: then Chromium evicts it.
 *
 * All pages of one origin can read the journal: the ids in it are as safe as the site's other data there. When the user
 * clears the site's data, the journal is deleted, and cannot be written until the page is loaded again.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import * as Horde from "effect-horde/Horde"
 * import * as IndexedDbJournal from "effect-horde/IndexedDbJournal"
 * import * as Layer from "effect/Layer"
 *
 * export const HordeInPage = Horde.layerWithJournal({ clientAgent: "my-page:1.0:me@example.com" }).pipe(
 *   Layer.provide([IndexedDbJournal.layer(), FetchHttpClient.layer])
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "./HordeError.js"
import { unavailable } from "./internal/journal/failures.js"
import { open } from "./internal/journal/indexedDb/database.js"
import * as store from "./internal/journal/indexedDb/store.js"
import * as ownership from "./internal/journal/ownership.js"
import { JobJournal, type Service } from "./JobJournal.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the database. Pages of one origin with the same name share a journal. `effect-horde` by default. */
  readonly name?: string
}

const missing = (what: string): JournalFailed =>
  unavailable("open", `there is no ${what} here, which the journal needs: use a browser, and a page served by https`)

/**
 * Opens the journal until the scope closes. Fails with reason `Unavailable` if the browser has no IndexedDB or no Web
 * Locks, or denies them to the page: a page served by http, some private windows, a full disk.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, JournalFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const name = options.name ?? "effect-horde"
    if (typeof indexedDB === "undefined") return yield* missing("IndexedDB")
    const locks = typeof navigator === "undefined" ? undefined : navigator.locks
    if (locks === undefined) return yield* missing("Web Locks API")
    return yield* ownership.make(store.make(yield* open(indexedDB, name), locks, name))
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<JobJournal, JournalFailed> =>
  Layer.scoped(JobJournal, make(options))
