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
 * A row whose owner is gone.
 *
 * @since 0.1.0
 * @category models
 */
export interface Orphan {
  readonly key: string
  readonly owner: string
  /** The entry, by `JobJournal.encode`. */
  readonly text: string
}

/**
 * An owner other than this program. `beat` changes with each heartbeat, `lease` is in milliseconds, and `open` is the
 * number of its open entries.
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
 * A store of rows and of owners, which several programs may use at once. Each operation is atomic and durable.
 *
 * An owner is an id that was added and not removed. Its removal, be it by itself when it ends or by another program
 * that found it silent, frees its rows to be taken and makes all its later writes return `false`. No id is added twice.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store<E> {
  /**
   * How long this program may send no heartbeat before others take it for dead, in milliseconds. `Infinity` if the store
   * itself notices that an owner is gone: then no heartbeats are sent.
   */
  readonly lease: number
  /** Why an operation failed, in words that quote no row and no password. */
  readonly describe: (error: E) => string
  readonly addOwner: (id: string) => Effect.Effect<void, E>
  readonly removeOwner: (id: string) => Effect.Effect<void, E>
  /** Sends a heartbeat. Returns whether the owner is still there. */
  readonly beat: (id: string) => Effect.Effect<boolean, E>
  /** Deletes what is past (`JobJournal.isPast`). Runs after each heartbeat. */
  readonly compact: Effect.Effect<void, E>
  /** Inserts or updates an entry's row. Returns `false`, and changes nothing, if it has another owner or `owner` is gone. */
  readonly write: (entry: Entry, owner: string) => Effect.Effect<boolean, E>
  /** Whether a row belongs to an owner that is still there. */
  readonly holds: (key: EntryKey, owner: string) => Effect.Effect<boolean, E>
  /** The texts (`JobJournal.encode`) of all rows. */
  readonly all: Effect.Effect<ReadonlyArray<string>, E>
  readonly others: (me: string) => Effect.Effect<ReadonlyArray<Other>, E>
  /** Removes an owner, unless it has sent a heartbeat since. */
  readonly removeSilent: (other: Other) => Effect.Effect<void, E>
  readonly orphans: (me: string) => Effect.Effect<ReadonlyArray<Orphan>, E>
  /** Gives rows to a new owner, and returns the texts of those that still belonged to the old one. */
  readonly take: (keys: ReadonlyArray<string>, from: string, me: string) => Effect.Effect<ReadonlyArray<string>, E>
}

/** The store has this long to say whether an entry is held. */
const answerWithin = "1 second"

/** The store has this long to remove an owner that ends. */
const leaveWithin = "5 seconds"

/** The number of keys that fit into one statement of any database. */
const keysAtOnce = 500

/** Makes the writes of each entry run one after the other, in the order of their starts. */
const makeInOrder = (): (<E>(key: EntryKey, write: Effect.Effect<void, E>) => Effect.Effect<void, E>) => {
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
        // after an interrupted write the next one waits for what this one waited for
        Deferred.unsafeDone(done, before)
      })
      return Effect.ensuring(restore(Effect.zipRight(ready, write)), end)
    })
}

/** Sends heartbeats, three in each lease, until the scope closes. A lease is in milliseconds. */
export const heartbeats = (lease: number, beat: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope> => {
  const sending = Effect.forever(Effect.delay(beat, Math.max(1, Math.floor(lease / 3))))
  // a layer that is built where interruption is disabled must still be able to close
  return Effect.asVoid(Effect.forkScoped(Effect.interruptible(sending)))
}

export const make = <E>(store: Store<E>): Effect.Effect<Service, JournalFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const { lease } = store
    const inOrder = makeInOrder()
    const renewal = yield* Effect.makeSemaphore(1)
    const outside = yield* Effect.context<never>()

    /**
     * Outside of the caller's context: a write must last even if the caller's own transaction is rolled back. Outside of
     * its trace: a heartbeat every few seconds would drown the other spans.
     */
    const run = <A, F>(effect: Effect.Effect<A, F>): Effect.Effect<A, F> =>
      effect.pipe(
        Effect.mapInputContext((_: Context.Context<never>) => outside),
        Effect.withTracerEnabled(false)
      )
    const orFailed = <A>(method: string, effect: Effect.Effect<A, E>): Effect.Effect<A, JournalFailed> =>
      Effect.mapError(run(effect), (error) => unavailable(method, store.describe(error)))

    /** This program's id: a new one each time that it was taken for dead. */
    let me = randomId(16)
    let hasLeft = false
    /** When this owner was last known to be alive. */
    let alive = yield* monotonicMillis
    /** Open entries, with the id that this program had when it wrote or took them. */
    const held = new Map<EntryKey, string>()
    /** Entries that were taken and not returned yet: a take-over may fail halfway. */
    const taken: Array<Entry> = []

    const renew = (old: string): Effect.Effect<void, E> =>
      Effect.gen(function* () {
        if (me !== old || hasLeft) return
        const next = randomId(16)
        const now = yield* monotonicMillis
        yield* store.addOwner(next)
        me = next
        alive = now
        yield* Effect.logWarning("this program's lease on its jobs expired: other programs may have taken them over")
      }).pipe(renewal.withPermits(1))

    /** Returns whether the owner that this program was is alive. If not, it is a new one afterwards. */
    const beat = Effect.gen(function* () {
      const by = me
      const now = yield* monotonicMillis
      const isAlive = yield* store.beat(by)
      if (isAlive) alive = now
      else yield* renew(by)
      return isAlive
    })

    /** Returns whether the entry is this program's. */
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
        // a new entry had no owner from which it could be taken over: the new id gets it
        return !(yield* beat) && holder === undefined && (yield* writeAs(me))
      })

    /** Takes the open entries that have no owner. */
    const claim = Effect.gen(function* () {
      yield* beat
      const by = me
      const orphans = (yield* store.orphans(by)).map((row) => ({ ...row, entry: decode(row.text) }))
      const open = orphans.filter(({ entry }) => Either.isRight(entry) && isOpen(entry.right))
      for (const [owner, rows] of Object.entries(Arr.groupBy(open, ({ owner }) => owner))) {
        for (const some of Arr.chunksOf(rows, keysAtOnce)) {
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
      // each owner lives by its own lease, which may differ from this one's
      const watched = Math.max(0, ...others.filter(({ open }) => open > 0).map(({ lease }) => lease))
      if (watched > 0) {
        yield* Effect.sleep(watched)
        for (const other of others) if (other.lease <= watched) yield* store.removeSilent(other)
      }
      return yield* claim
    })

    yield* Effect.acquireRelease(orFailed("open", store.addOwner(me)), () =>
      Effect.suspend(() => {
        hasLeft = true
        return run(store.removeOwner(me))
      }).pipe(Effect.interruptible, Effect.timeout(leaveWithin), Effect.ignore)
    )

    let isSilent = false
    const heartbeat = run(Effect.zipRight(beat, store.compact)).pipe(
      Effect.timeout(lease / 3),
      Effect.match({ onFailure: () => true, onSuccess: () => false }),
      // a defect must not end the heartbeats
      Effect.catchAllCause(() => Effect.succeed(true)),
      Effect.flatMap((failed) => {
        const isNews = failed && !isSilent
        isSilent = failed
        return isNews
          ? Effect.logWarning("the journal does not answer: if this lasts, other programs take over this one's jobs")
          : Effect.void
      })
    )
    if (Number.isFinite(lease)) yield* heartbeats(lease, heartbeat)

    return makeJournal({
      write: (entry) =>
        inOrder(
          entry.key,
          Effect.flatMap(orFailed("write", write(entry)), (isMine) => (isMine ? Effect.void : notMine()))
        ),
      holds: (key) =>
        Effect.suspend(() => run(store.holds(key, me))).pipe(
          Effect.interruptible,
          Effect.timeout(answerWithin),
          // no other program can have taken it before the lease has expired
          Effect.orElse(() => Effect.map(monotonicMillis, (now) => held.get(key) === me && now - alive < lease))
        ),
      entries: Effect.map(orFailed("entries", store.all), (texts) => Arr.getRights(texts.map(decode))),
      takeOver: orFailed("takeOver", takeOver)
    })
  })
