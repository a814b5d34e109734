/** The store of a journal in IndexedDB. Its owners are pages; each page holds its own Web Lock. */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Runtime from "effect/Runtime"
import type { JournalFailed } from "../../../HordeError.js"
import { decode, encode, isOpen, isPast } from "../../../JobJournal.js"
import type { Store } from "../ownership.js"
import { byOwner, type Row, transact, unavailable } from "./database.js"

/** How long the browser may take to release the lock of a page that is being closed, in milliseconds. */
const unloadTime = 200

/** Runs an effect while a lock is held, or with `null` if `ifAvailable` is set and another page holds it. */
const withLock = <A, E>(
  locks: LockManager,
  name: string,
  options: LockOptions,
  use: (lock: Lock | null) => Effect.Effect<A, E>
): Effect.Effect<A, E | JournalFailed> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) => {
    const run = (lock: Lock | null, signal: AbortSignal) =>
      Runtime.runPromise(runtime)(Effect.exit(use(lock)), { signal })
    return Effect.tryPromise({
      // the type of `request` is the promise of a promise
      try: (signal) => locks.request(name, options, (lock) => run(lock, signal)).then((exit) => exit),
      catch: unavailable
    }).pipe(Effect.flatten)
  })

export const make = (database: IDBDatabase, locks: LockManager, name: string): Store<JournalFailed> => {
  /** The owners whose locks this page holds, and how to release each. */
  const held = new Map<string, Effect.Effect<void>>()

  const lockOf = (owner: string) => `effect-horde/${name}/${owner}`

  /** Acquires the lock of a new owner, and holds it until the owner is removed or the browser revokes the lock. */
  const addOwner = (id: string) =>
    Effect.gen(function* () {
      const acquired = yield* Deferred.make<void, JournalFailed>()
      const release = yield* Deferred.make<void>()
      const released = yield* Deferred.make<void>()
      const hold = () => {
        held.set(id, Effect.zipRight(Deferred.succeed(release, undefined), Deferred.await(released)))
        return Effect.zipRight(Deferred.succeed(acquired, undefined), Deferred.await(release))
      }
      const holding = withLock(locks, lockOf(id), {}, hold).pipe(
        Effect.ensuring(Effect.suspend(() => Deferred.succeed(released, void held.delete(id)))),
        Effect.catchAll((error) => Deferred.fail(acquired, error))
      )
      yield* Effect.forkDaemon(Effect.interruptible(holding))
      yield* Deferred.await(acquired)
    }).pipe(Effect.uninterruptible)

  /**
   * The browser releases a lock when its page is closed. Chromium also evicts a page from the back/forward cache if
   * another page requests its lock.
   */
  const isAlive = (owner: string) =>
    withLock(locks, lockOf(owner), { ifAvailable: true, mode: "shared" }, (lock) => Effect.succeed(lock === null))

  /** Reads and decodes all rows. Deletes the past ones. */
  const readAll = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    transact<ReadonlyArray<Row & { readonly entry: ReturnType<typeof decode> }>>(
      database,
      "readwrite",
      (rows, succeed) => {
        const all = rows.getAll()
        all.onsuccess = () => {
          const found: ReadonlyArray<Row> = all.result
          const [kept, past] = Arr.partition(
            found.map((row) => ({ ...row, entry: decode(row.text) })),
            ({ entry }) => Either.isRight(entry) && isPast(entry.right, now)
          )
          for (const { key } of past) rows.delete(key)
          succeed(kept)
        }
      }
    )
  )

  /** The other owners of rows that are open or cannot be read. */
  const others = (me: string) =>
    Effect.flatMap(readAll, (all) => {
      const rows = all.filter(({ entry, owner }) => owner !== me && (Either.isLeft(entry) || isOpen(entry.right)))
      return Effect.forEach(
        Object.entries(Arr.groupBy(rows, ({ owner }) => owner)),
        ([id, rows]) => Effect.map(isAlive(id), (alive) => ({ id, rows, alive })),
        { concurrency: "unbounded" }
      )
    })

  return {
    lease: Number.POSITIVE_INFINITY,
    describe: ({ message }) => message,
    addOwner,
    removeOwner: (id) => Effect.suspend(() => held.get(id) ?? Effect.void),
    beat: (id) => Effect.sync(() => held.has(id)),
    compact: Effect.void, // `readAll` does it
    write: (entry, owner) =>
      transact(database, "readwrite", (rows, succeed) => {
        const found = rows.get(entry.key)
        found.onsuccess = () => {
          const known: Row | undefined = found.result
          const isOurs = held.has(owner) && (known === undefined || known.owner === owner)
          if (isOurs) rows.put({ key: entry.key, owner, text: encode(entry) })
          succeed(isOurs)
        }
      }),
    holds: (key, owner) =>
      Effect.suspend(() => {
        if (!held.has(owner)) return Effect.succeed(false)
        const row = transact<Row | undefined>(database, "readonly", (rows, succeed) => {
          const found = rows.get(key)
          found.onsuccess = () => succeed(found.result)
        })
        // a missing row does not show that another owner has it: the user may have cleared the site's data
        return Effect.flatMap(row, (known) =>
          known === undefined ? unavailable({ name: "NotFoundError" }) : Effect.succeed(known.owner === owner)
        )
      }),
    all: Effect.map(readAll, (rows) => rows.map(({ text }) => text)),
    others: (me) =>
      Effect.map(others(me), (owners) =>
        owners.flatMap(({ alive, id, rows }) => (alive ? [{ id, beat: 0, lease: unloadTime, open: rows.length }] : []))
      ),
    removeSilent: () => Effect.void, // the browser releases its lock
    orphans: (me) => Effect.map(others(me), (owners) => owners.flatMap(({ alive, rows }) => (alive ? [] : rows))),
    take: (keys, from, me) =>
      transact(database, "readwrite", (rows, succeed) => {
        const theirs = rows.index(byOwner).getAll(from)
        theirs.onsuccess = () => {
          const found: ReadonlyArray<Row> = theirs.result
          const taken = found.filter(({ key }) => held.has(me) && keys.includes(key))
          for (const row of taken) rows.put({ ...row, owner: me })
          succeed(taken.map(({ text }) => text))
        }
      })
  }
}
