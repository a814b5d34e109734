/** The rows of a journal in IndexedDB: one for each entry, with its owner beside it. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { JournalFailed } from "../../../HordeError.js"
import type { EntryKey } from "../../../JobJournal.js"

export interface Row {
  readonly key: EntryKey
  readonly owner: string
  /** The entry, by `JobJournal.encode`. */
  readonly text: string
}

const where = { method: "use", path: "(the journal)" }

/** What the browser says stays behind, but for its name (`QuotaExceededError`). */
export const unavailable = (cause: unknown): JournalFailed => {
  const name = Predicate.hasProperty(cause, "name") && typeof cause.name === "string" ? cause.name : "unknown"
  return new JournalFailed({ ...where, reason: "Unavailable", message: `the journal cannot be used (${name})` })
}

export const missing = (what: string): JournalFailed =>
  new JournalFailed({
    ...where,
    reason: "Unavailable",
    message: `there is no ${what} here, without which no journal can be kept: it takes a browser and a page that came by https`
  })

export const notMine = (): JournalFailed =>
  new JournalFailed({ ...where, reason: "NotMine", message: "another page has taken this job over" })

const store = "entries"

/** The index of rows by their owner. */
export const byOwner = "owner"

/** How long the browser may take to open the database: another page can hold it up for ever. */
const patience = "10 seconds"

export const open = (factory: IDBFactory, name: string): Effect.Effect<IDBDatabase, JournalFailed, Scope.Scope> => {
  const opening = Effect.async<IDBDatabase, JournalFailed>((resume) => {
    const fail = (cause: unknown) => resume(Effect.fail(unavailable(cause)))
    let isGivenUp = false
    try {
      const request = factory.open(name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore(store, { keyPath: "key" }).createIndex(byOwner, "owner")
      }
      request.onsuccess = () => {
        const database = request.result
        if (isGivenUp) return database.close()
        // never block a delete or an upgrade of the database by another page
        database.onversionchange = () => database.close()
        resume(Effect.succeed(database))
      }
      request.onerror = () => fail(request.error)
    } catch (cause) {
      fail(cause)
    }
    return Effect.sync(() => {
      isGivenUp = true
    })
  })
  const inTime = Effect.timeoutFail(Effect.interruptible(opening), {
    duration: patience,
    onTimeout: () => unavailable({ name: "TimeoutError" })
  })
  return Effect.acquireRelease(inTime, (database) => Effect.sync(() => database.close()))
}

/**
 * Runs a transaction, and gives what was last told to `tell`, once all of it is on the disk. An interruption takes it
 * back where that is still possible.
 */
export const transact = <A>(
  database: IDBDatabase,
  mode: "readonly" | "readwrite",
  work: (rows: IDBObjectStore, tell: (outcome: Effect.Effect<A, JournalFailed>) => void) => void
): Effect.Effect<A, JournalFailed> =>
  Effect.async((resume) => {
    const fail = (cause: unknown) => resume(Effect.fail(unavailable(cause)))
    try {
      const transaction = database.transaction(store, mode, { durability: "strict" })
      let outcome: Effect.Effect<A, JournalFailed> = Effect.never
      transaction.oncomplete = () => resume(outcome)
      transaction.onabort = () => fail(transaction.error)
      work(transaction.objectStore(store), (told) => {
        outcome = told
      })
      return Effect.sync(() => {
        try {
          transaction.abort()
        } catch {
          // it is over
        }
      })
    } catch (cause) {
      fail(cause)
      return Effect.void
    }
  })
