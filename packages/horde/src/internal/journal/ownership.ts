/**
 * Ownership of the entries of a journal that several programs share: identity, lease, heartbeat, claim and take-over,
 * over any store of rows.
 */
import * as Arr from "effect/Array"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "../../HordeError.js"
import { decode, type Entry, type EntryKey, isOpen, make as makeJournal, type Service } from "../../JobJournal.js"
import { monotonicMillis } from "../platform/monotonic.js"
import { randomId } from "../platform/randomId.js"
import { notMine, unavailable } from "./failures.js"

/**
 * A row whose owner was removed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Orphan {
  readonly key: string
  readonly owner: string
  /** The entry, encoded by `JobJournal.encode`. */
  readonly text: string
}

/**
 * An owner other than this program. `beat` changes with each heartbeat, `lease` is in milliseconds, and `open` is the
 * number of the owner's open entries.
 *
 * @since 0.1.0
 * @category models
 */
export interface Other {
  readonly id: string
  readonly beat: number
  readonly lease: number
  readonly open: number
}

/**
 * A store of rows and owners, which several programs may use at the same time. Each operation must be atomic and
 * durable.
 *
 * An owner is an id that was added and not removed. A program removes its own id when it ends; another program removes
 * the id if its lease has expired. After the removal, the owner's rows can be taken and all its writes return `false`.
 * No id is added twice.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store<E> {
  /**
   * How long this program may go without a heartbeat before other programs remove it, in milliseconds. `Infinity` if the
   * store itself detects that an owner has ended: then no heartbeats are sent.
   */
  readonly lease: number
  /** Describes the failure of an operation. The text must not quote a row or a password. */
  readonly describe: (error: E) => string
  /** Adds an owner. */
  readonly addOwner: (id: string) => Effect.Effect<void, E>
  /** Removes an owner that ends. */
  readonly removeOwner: (id: string) => Effect.Effect<void, E>
  /** Sends a heartbeat. Returns whether the owner still exists. */
  readonly beat: (id: string) => Effect.Effect<boolean, E>
  /** Deletes the rows of past entries (`JobJournal.isPast`). Runs after each heartbeat. */
  readonly compact: Effect.Effect<void, E>
  /**
   * Inserts or updates a row. Returns `false`, and changes nothing, if it has another owner or `owner` does not exist.
   */
  readonly write: (entry: Entry, owner: string) => Effect.Effect<boolean, E>
  /** Whether a row belongs to `owner`, and `owner` still exists. */
  readonly holds: (key: EntryKey, owner: string) => Effect.Effect<boolean, E>
  /** The texts of all rows, encoded by `JobJournal.encode`. */
  readonly all: Effect.Effect<ReadonlyArray<string>, E>
  /** The owners other than `me`. */
  readonly others: (me: string) => Effect.Effect<ReadonlyArray<Other>, E>
  /** Removes an owner whose lease has expired, unless its `beat` has changed. */
  readonly removeSilent: (other: Other) => Effect.Effect<void, E>
  /** The rows of removed owners. */
  readonly orphans: (me: string) => Effect.Effect<ReadonlyArray<Orphan>, E>
  /** Changes the owner of rows from `from` to `me`. Returns the texts of the rows that still belonged to `from`. */
  readonly take: (keys: ReadonlyArray<string>, from: string, me: string) => Effect.Effect<ReadonlyArray<string>, E>
}

/** The timeout of `holds`. */
const holdsTimeout = "1 second"

/** The timeout of the removal of this owner when the scope closes. */
const removeTimeout = "5 seconds"

/** The maximum number of keys in one statement: databases limit its parameters. */
const maxKeys = 500

/** Runs the writes of each entry one after the other, in the order in which they were started. */
const makeSerializer = (): (<E>(key: EntryKey, write: Effect.Effect<void, E>) => Effect.Effect<void, E>) => {
  const last = new Map<EntryKey, Deferred.Deferred<void>>()
  return (key, write) =>
    Effect.uninterruptibleMask((restore) => {
      const previous = last.get(key)
      let before = previous === undefined ? Effect.void : Deferred.await(previous)
      const done = Deferred.unsafeMake<void>(FiberId.none)
      last.set(key, done)
      const ready = Effect.tap(before, () => {
        before = Effect.void
      })
      const end = Effect.sync(() => {
        if (last.get(key) === done) last.delete(key)
        // if this write was interrupted while it waited, the next one waits for the same predecessor
        Deferred.unsafeDone(done, before)
      })
      return Effect.ensuring(restore(Effect.zipRight(ready, write)), end)
    })
}

/** Sends heartbeats until the scope closes, three per lease. The lease is in milliseconds. */
export const heartbeats = (lease: number, beat: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope> => {
  const sending = Effect.forever(Effect.delay(beat, Math.max(1, Math.floor(lease / 3))))
  // a layer that is built where interruption is disabled must still be able to close
  return Effect.asVoid(Effect.forkScoped(Effect.interruptible(sending)))
}

export const make = <E>(store: Store<E>): Effect.Effect<Service, JournalFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const { lease } = store
    const serialize = makeSerializer()
    const renewal = yield* Effect.makeSemaphore(1)
    const outside = yield* Effect.context<never>()

    /**
     * Runs outside of the caller's context, so that a rollback of the caller's transaction does not undo a write. Runs
     * without tracing, because the heartbeats would flood the traces.
     */
    const run = <A, F>(effect: Effect.Effect<A, F>): Effect.Effect<A, F> =>
      effect.pipe(
        Effect.mapInputContext((_: Context.Context<never>) => outside),
        Effect.withTracerEnabled(false)
      )
    const orFailed = <A>(method: string, effect: Effect.Effect<A, E>): Effect.Effect<A, JournalFailed> =>
      Effect.mapError(run(effect), (error) => unavailable(method, store.describe(error)))

    /** This program's owner id. It changes each time that another program has removed it because its lease expired. */
    let me = randomId(16)
    let isClosed = false
    /** When this owner was last known to exist. */
    let aliveAt = yield* monotonicMillis
    /** Open entries, with the id that this program had when it wrote or took them. */
    const held = new Map<EntryKey, string>()
    /** Entries that were taken and not returned yet, because a take-over failed halfway. */
    const taken: Array<Entry> = []

    const renew = (old: string): Effect.Effect<void, E> =>
      Effect.gen(function* () {
        if (me !== old || isClosed) return
        const next = randomId(16)
        const now = yield* monotonicMillis
        yield* store.addOwner(next)
        me = next
        aliveAt = now
        yield* Effect.logWarning("this program's lease on its jobs expired: other programs may have taken them over")
      }).pipe(renewal.withPermits(1))

    /** Sends a heartbeat. Returns whether the owner still exists; if not, this program becomes a new owner. */
    const beat = Effect.gen(function* () {
      const by = me
      const now = yield* monotonicMillis
      const isAlive = yield* store.beat(by)
      if (isAlive) aliveAt = now
      else yield* renew(by)
      return isAlive
    })

    /** Returns whether this program owns the entry. */
    const write = (entry: Entry) =>
      Effect.gen(function* () {
        const { key } = entry
        const writeAs = (by: string) =>
          Effect.tap(store.write(entry, by), (isWritten) => {
            if (!isWritten) return
            if (isOpen(entry)) held.set(key, by)
            else held.delete(key)
          })
        const by = me
        const holder = held.get(key)
        if (holder !== undefined && holder !== by) return false
        if (yield* writeAs(by)) return true
        // no other program can have taken over a new entry: write it with the new id
        return !(yield* beat) && holder === undefined && (yield* writeAs(me))
      })

    /** Takes the open entries of removed owners. */
    const claim = Effect.gen(function* () {
      yield* beat
      const by = me
      const orphans = (yield* store.orphans(by)).map((row) => ({ ...row, entry: decode(row.text) }))
      const open = orphans.filter(({ entry }) => Either.isRight(entry) && isOpen(entry.right))
      for (const [owner, rows] of Object.entries(Arr.groupBy(open, ({ owner }) => owner))) {
        for (const some of Arr.chunksOf(rows, maxKeys)) {
          const keys = some.map(({ key }) => key)
          for (const entry of Arr.getRights((yield* store.take(keys, owner, by)).map(decode))) {
            if (!isOpen(entry)) continue
            held.set(entry.key, by)
            taken.push(entry)
          }
        }
      }
      const left = Arr.getLefts(orphans.map(({ entry }) => entry))
      return {
        entries: taken.splice(0).filter(({ key }) => held.get(key) === me),
        newer: left.filter((reason) => reason === "newer").length,
        unreadable: left.filter((reason) => reason === "unreadable").length
      }
    })

    const takeOver = Effect.gen(function* () {
      const others = yield* store.others(me)
      // the lease of each owner may differ from this program's
      const longestLease = Math.max(0, ...others.filter(({ open }) => open > 0).map(({ lease }) => lease))
      if (longestLease > 0) {
        yield* Effect.sleep(longestLease)
        for (const other of others) if (other.lease <= longestLease) yield* store.removeSilent(other)
      }
      return yield* claim
    })

    yield* Effect.acquireRelease(orFailed("open", store.addOwner(me)), () =>
      Effect.suspend(() => {
        isClosed = true
        return run(store.removeOwner(me))
      }).pipe(Effect.interruptible, Effect.timeout(removeTimeout), Effect.ignore)
    )

    let isFailing = false
    const heartbeat = run(Effect.zipRight(beat, store.compact)).pipe(
      Effect.timeout(lease / 3),
      Effect.match({ onFailure: () => true, onSuccess: () => false }),
      // a defect must not end the heartbeats
      Effect.catchAllCause(() => Effect.succeed(true)),
      Effect.flatMap((failed) => {
        const isFirst = failed && !isFailing
        isFailing = failed
        return isFirst
          ? Effect.logWarning(
              "the journal does not respond: if this continues, other programs take over this program's jobs"
            )
          : Effect.void
      })
    )
    if (Number.isFinite(lease)) yield* heartbeats(lease, heartbeat)

    return makeJournal({
      write: (entry) =>
        serialize(
          entry.key,
          Effect.flatMap(orFailed("write", write(entry)), (isMine) => (isMine ? Effect.void : notMine()))
        ),
      holds: (key) =>
        Effect.suspend(() => run(store.holds(key, me))).pipe(
          Effect.interruptible,
          Effect.timeout(holdsTimeout),
          // no other program can have taken it before the lease has expired
          Effect.orElse(() => Effect.map(monotonicMillis, (now) => held.get(key) === me && now - aliveAt < lease))
        ),
      entries: Effect.map(orFailed("entries", store.all), (texts) => Arr.getRights(texts.map(decode))),
      takeOver: orFailed("takeOver", takeOver)
    })
  })
