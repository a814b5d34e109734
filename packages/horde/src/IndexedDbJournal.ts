/**
 * A journal of jobs in the browser's IndexedDB, for pages: a page that is closed, crashes or is reloaded in mid-job
 * leaves its jobs to the next visit, or to another tab that is open.
 *
 * Each page that opens the journal holds a Web Lock of its own. The browser gives the lock up with the page, whatever
 * becomes of it, so that death is known at once: there is no lease and no clock here. Of several tabs that look for the
 * jobs of a dead one, each job goes to one of them.
 *
 * A page that the browser keeps asleep for the way back is alive until another one asks for its jobs; then Chromium
 * gives it up, and its jobs with it.
 *
 * All pages of one origin can read the journal: the ids in it are as safe as the rest of what the site keeps there. When
 * the user clears the site's data, the journal is gone, and cannot be written until the page is loaded again.
 *
 * @example
 * ```ts
 * import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
 * import * as Horde from "effect-horde/Horde"
 * import * as IndexedDbJournal from "effect-horde/IndexedDbJournal"
 * import * as Layer from "effect/Layer"
 *
 * export const HordeInPage = Horde.layerJournaled({ clientAgent: "my-page:1.0:me@example.com" }).pipe(
 *   Layer.provide([IndexedDbJournal.layer(), FetchHttpClient.layer])
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { JournalFailed } from "./HordeError.js"
import { byOwner, missing, notMine, open, type Row, transact } from "./internal/journal/indexedDb/database.js"
import { withLock } from "./internal/journal/indexedDb/webLocks.js"
import {
  decode,
  type Entry,
  type EntryKey,
  encode,
  isOpen,
  isPast,
  JobJournal,
  type Service,
  type TakenOver
} from "./JobJournal.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The name of the database. Pages of one origin that say the same name share a journal. `effect-horde` by default. */
  readonly name?: string
}

/** Whoever holds the lock of this id. */
interface Owner {
  readonly id: string
  isHeld: boolean
  /** What is open and ours as far as we know. Nobody takes it while the lock is held. */
  readonly keys: Set<EntryKey>
}

/** `crypto.randomUUID` is younger than the locks. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")

/** A row, and the entry that it holds or why it cannot be told. */
interface Read {
  readonly row: Row
  readonly entry: ReturnType<typeof decode>
}

const read = (row: Row): Read => ({ row, entry: decode(row.text) })

const nothing: TakenOver = { entries: [], newer: 0, unreadable: 0 }

/** How often a lock is asked for, every 100 ms: a page that is just going away may need a moment for it. */
const asks = 3

/**
 * Opens the journal until the scope closes. Fails with reason `Unavailable` where a browser has no IndexedDB or no Web
 * Locks, or does not let the page have them: a page that came by http, some private windows, a full disk.
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
    const database = yield* open(indexedDB, name)
    const scope = yield* Effect.scope

    const lockOf = (owner: string) => `effect-horde/${name}/${owner}`

    /** Takes a lock that nobody else knows of yet, and holds it until the scope closes. */
    const appear = Effect.acquireRelease(
      Effect.gen(function* () {
        const owner: Owner = { id: newId(), isHeld: false, keys: new Set() }
        const appeared = yield* Deferred.make<void, JournalFailed>()
        const leaving = yield* Deferred.make<void>()
        const holding = withLock(locks, lockOf(owner.id), { ifAvailable: false }, () => {
          owner.isHeld = true
          return Effect.zipRight(Deferred.succeed(appeared, undefined), Deferred.await(leaving))
        }).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              owner.isHeld = false
            })
          ),
          // the browser may refuse it, or take it away: then whoever waits is told, or nobody waits any more
          Effect.catchAll((error) => Deferred.fail(appeared, error))
        )
        const fiber = yield* Effect.forkDaemon(Effect.interruptible(holding))
        yield* Deferred.await(appeared)
        return { owner, leave: Effect.zipRight(Deferred.succeed(leaving, undefined), Fiber.await(fiber)) }
      }),
      ({ leave }) => leave
    ).pipe(
      Effect.map(({ owner }) => owner),
      Scope.extend(scope)
    )

    let current = yield* appear
    const oneAtATime = (yield* Effect.makeSemaphore(1)).withPermits(1)
    /** Who we are. A page that lost its lock is dead to the others: it goes on as somebody new. */
    const me: Effect.Effect<Owner, JournalFailed> = Effect.suspend(() => {
      if (current.isHeld) return Effect.succeed(current)
      const again = Effect.suspend(() => (current.isHeld ? Effect.succeed(current) : appear))
      return oneAtATime(
        Effect.tap(again, (owner) => {
          current = owner
        })
      )
    })

    const write: Service["write"] = (entry) =>
      Effect.flatMap(me, ({ id, keys }) =>
        transact<void>(database, "readwrite", (rows, tell) => {
          const found = rows.get(entry.key)
          found.onsuccess = () => {
            const known: Row | undefined = found.result
            if (known !== undefined && known.owner !== id) return tell(Effect.fail(notMine()))
            const row: Row = { key: entry.key, owner: id, text: encode(entry) }
            rows.put(row)
            tell(Effect.sync(() => void (isOpen(entry) ? keys.add(entry.key) : keys.delete(entry.key))))
          }
        })
      )

    const holds: Service["holds"] = (key) =>
      Effect.suspend(() => {
        const { id, isHeld, keys } = current
        if (!isHeld) return Effect.succeed(false)
        return transact<boolean>(database, "readonly", (rows, tell) => {
          const found = rows.get(key)
          found.onsuccess = () => {
            const known: Row | undefined = found.result
            tell(Effect.sync(() => (known === undefined ? keys.has(key) : known.owner === id)))
          }
        }).pipe(Effect.orElse(() => Effect.sync(() => keys.has(key)))) // the user may have cleared the site's data
      })

    /** Everything that stands there, read; what is past goes. */
    const readAll = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      transact<ReadonlyArray<Read>>(database, "readwrite", (rows, tell) => {
        const all = rows.getAll()
        all.onsuccess = () => {
          const found: ReadonlyArray<Row> = all.result
          const kept: Array<Read> = []
          for (const it of found.map(read)) {
            if (Either.isRight(it.entry) && isPast(it.entry.right, now)) rows.delete(it.row.key)
            else kept.push(it)
          }
          tell(Effect.succeed(kept))
        }
      })
    )

    /** Makes what is open of another's ours, in one step. His lock is held meanwhile, so that nobody else does. */
    const takeFrom = (other: string, mine: Owner) =>
      transact<TakenOver>(database, "readwrite", (rows, tell) => {
        const his = rows.index(byOwner).getAll(other)
        his.onsuccess = () => {
          const entries: Array<Entry> = []
          const left = { newer: 0, unreadable: 0 }
          const found: ReadonlyArray<Row> = his.result
          for (const { entry, row } of found.map(read)) {
            if (Either.isLeft(entry)) left[entry.left]++
            else if (isOpen(entry.right)) {
              rows.put({ ...row, owner: mine.id })
              entries.push(entry.right)
            }
          }
          tell(
            Effect.sync(() => {
              for (const { key } of entries) mine.keys.add(key)
              return { entries, ...left }
            })
          )
        }
      })

    /** Gives nothing where the other one lives. */
    const takeOverFrom = (other: string, mine: Owner, asksLeft = asks): Effect.Effect<TakenOver, JournalFailed> =>
      withLock(locks, lockOf(other), { ifAvailable: true }, (lock) =>
        lock === null ? Effect.succeed(undefined) : takeFrom(other, mine)
      ).pipe(
        Effect.flatMap((taken) => {
          if (taken !== undefined) return Effect.succeed(taken)
          return asksLeft === 1
            ? Effect.succeed(nothing)
            : Effect.delay(takeOverFrom(other, mine, asksLeft - 1), "100 millis")
        })
      )

    const takeOver = Effect.gen(function* () {
      const mine = yield* me
      const others = new Set(
        (yield* readAll)
          .filter(({ entry, row }) => row.owner !== mine.id && (Either.isLeft(entry) || isOpen(entry.right)))
          .map(({ row }) => row.owner)
      )
      const taken = yield* Effect.forEach(others, (other) => takeOverFrom(other, mine), { concurrency: "unbounded" })
      return {
        entries: taken.flatMap(({ entries }) => entries),
        newer: taken.reduce((sum, { newer }) => sum + newer, 0),
        unreadable: taken.reduce((sum, { unreadable }) => sum + unreadable, 0)
      }
    })

    return {
      write,
      holds,
      entries: Effect.map(readAll, (found) =>
        found.flatMap(({ entry }) => (Either.isRight(entry) ? [entry.right] : []))
      ),
      takeOver
    }
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<JobJournal, JournalFailed> =>
  Layer.scoped(JobJournal, make(options))
