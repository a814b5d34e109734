/** The rows of a journal in IndexedDB: one for each entry, with its owner. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "../../../HordeError.js"
import * as failures from "../failures.js"
import type { Orphan } from "../ownership.js"

export type Row = Orphan

/** Contains the name of the browser's error (`QuotaExceededError`), but not its message. */
export const unavailable = (cause: unknown): JournalFailed => {
  const name = Predicate.hasProperty(cause, "name") && typeof cause.name === "string" ? cause.name : "unknown"
  return failures.unavailable("open", `the journal cannot be used (${name})`)
}

const store = "entries"

/** The index of rows by their owner. */
export const byOwner = "owner"

/** Another page can block the opening of the database forever. */
const openTimeout = "10 seconds"

export const open = (factory: IDBFactory, name: string): Effect.Effect<IDBDatabase, JournalFailed, Scope.Scope> => {
  const opening = Effect.async<IDBDatabase, JournalFailed>((resume) => {
    const fail = (cause: unknown) => resume(Effect.fail(unavailable(cause)))
    let isInterrupted = false
    try {
      const request = factory.open(name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore(store, { keyPath: "key" }).createIndex(byOwner, "owner")
      }
      request.onsuccess = () => {
        const database = request.result
        if (isInterrupted) return database.close()
        // never block a delete or an upgrade of the database by another page
        database.onversionchange = () => database.close()
        resume(Effect.succeed(database))
      }
      request.onerror = () => fail(request.error)
    } catch (cause) {
      fail(cause)
    }
    return Effect.sync(() => {
      isInterrupted = true
    })
  })
  const openingInTime = Effect.timeoutFail(Effect.interruptible(opening), {
    duration: openTimeout,
    onTimeout: () => unavailable({ name: "TimeoutError" })
  })
  return Effect.acquireRelease(openingInTime, (database) => Effect.sync(() => database.close()))
}

/** Runs a transaction. Succeeds once it is durable. An interruption rolls it back if it is still active. */
export const transact = <A>(
  database: IDBDatabase,
  mode: "readonly" | "readwrite",
  work: (rows: IDBObjectStore, succeed: (value: A) => void) => void
): Effect.Effect<A, JournalFailed> =>
  Effect.async((resume) => {
    const fail = (cause: unknown) => resume(Effect.fail(unavailable(cause)))
    try {
      const transaction = database.transaction(store, mode, { durability: "strict" })
      let outcome: Effect.Effect<A> = Effect.never
      transaction.oncomplete = () => resume(outcome)
      transaction.onabort = () => fail(transaction.error)
      work(transaction.objectStore(store), (value) => {
        outcome = Effect.succeed(value)
      })
      return Effect.sync(() => {
        try {
          transaction.abort()
        } catch {
          // the transaction has ended already
        }
      })
    } catch (cause) {
      fail(cause)
      return Effect.void
    }
  })
