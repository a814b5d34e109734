/**
 * A journal over a custom store: a database or a service that several programs share.
 *
 * The store keeps rows and the ids of their owners. Ownership, heartbeats, claims and take-over are implemented here
 * for all stores. `IndexedDbJournal` and the package `@effect-horde/sql` use it.
 *
 * ```ts
 * import * as Layer from "effect/Layer"
 * import { JobJournal } from "effect-horde/JobJournal"
 * import * as JournalStore from "effect-horde/JournalStore"
 *
 * export const layerOf = (store: JournalStore.Store<Error>) => Layer.scoped(JobJournal,
 * JournalStore.makeJournal(store))
 * ```
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "./HordeError.js"
import * as failures from "./internal/journal/failures.js"
import { make, type Store } from "./internal/journal/ownership.js"
import type { Service } from "./JobJournal.js"

export type { Orphan, Other, Store } from "./internal/journal/ownership.js"

/**
 * Opens a journal over a store as a new owner, until the scope closes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeJournal: <E>(store: Store<E>) => Effect.Effect<Service, JournalFailed, Scope.Scope> = make

/**
 * The error of a store that cannot be opened.
 *
 * @since 0.1.0
 * @category errors
 */
export const cannotOpen = (message: string): JournalFailed => failures.unavailable("open", message)
