/**
 * The journal in files: what it does in which order, so that at no moment a crash loses an entry, and at no moment two
 * owners have the same one.
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "../../../HordeError.js"
import { type Entry, type EntryKey, isOpen, isPast, make as makeJournal, type Service } from "../../../JobJournal.js"
import * as JournalFolder from "./folder.js"
import * as Segment from "./logFile.js"
import * as JournalShare from "./ownerLog.js"

/** How often the files are read again, while others rename theirs, before that is given up. */
const readings = 20

interface Waiting {
  readonly entry: Entry
  readonly written: Deferred.Deferred<void, JournalFailed>
}

type Method = Parameters<typeof JournalShare.unavailable>[1]

const orUnavailable =
  (directory: string) =>
  (method: Method) =>
  <A, R>(effect: Effect.Effect<A, PlatformError | JournalFailed, R>): Effect.Effect<A, JournalFailed, R> =>
    Effect.mapError(effect, (error) =>
      error._tag === "JournalFailed" ? error : JournalShare.unavailable(directory, method, error.message)
    )

/** The files that are nobody's but their owners', with what stands in them. */
const rootsIn = (folder: JournalFolder.Folder, files: ReadonlyArray<Segment.Named>, but: string | undefined) =>
  Effect.gen(function* () {
    const roots: Array<Segment.Named & { readonly text: string }> = []
    for (const root of Segment.rootsOf(files)) {
      const text = root.owner === but ? Option.none() : yield* folder.text(root.name)
      if (Option.isSome(text)) roots.push({ ...root, text: text.value })
    }
    return roots
  })

const hasLeft = ({ takenBy, text }: Segment.Named & { readonly text: string }) =>
  takenBy === undefined && text.endsWith(Segment.leftLine)

const readAll = (folder: JournalFolder.Folder, files: ReadonlyArray<Segment.Named>) =>
  Effect.gen(function* () {
    const all: Array<Segment.Named & Segment.Contents> = []
    for (const file of files) {
      const text = yield* folder.text(file.name)
      if (Option.isSome(text)) all.push({ ...file, ...Segment.read(text.value) })
    }
    return all
  })

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, one) => all + one, 0)

/** Makes everything that hangs on the own file part of it. */
const absorb = (folder: JournalFolder.Folder, share: JournalShare.Share, own: JournalFolder.Writable) =>
  Effect.gen(function* () {
    const levels = Segment.levelsUnder(yield* folder.list, own.owner)
    const files = yield* readAll(
      folder,
      levels.flat().filter((file) => !share.isLitter(file))
    )
    const known = files.filter(({ newer }) => newer === 0)
    const now = yield* Clock.currentTimeMillis
    const merged = new Map(share.entries)
    for (const { entries } of known) for (const entry of entries.values()) Segment.merge(merged, entry)
    const added = Array.from(merged.values()).filter(
      (entry) => share.entries.get(entry.key) !== entry && !isPast(entry, now)
    )
    const taken = added.filter((entry) => isOpen(entry) && !share.entries.has(entry.key))
    yield* share.record(own, added)
    const ofLater = new Set(files.filter(({ newer }) => newer > 0).map(({ name }) => name))
    yield* share.discard(levels.map((level) => level.filter(({ name }) => !ofLater.has(name))))
    return {
      entries: taken,
      newer: sum(files.map(({ newer }) => newer)),
      unreadable: sum(known.map(({ unreadable }) => unreadable))
    }
  })

export const make = (
  directory: string,
  lease: Duration.Duration,
  longest = 5000
): Effect.Effect<Service, JournalFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* JournalFolder.make(directory)
    const orFailed = orUnavailable(folder.directory)
    const share = JournalShare.make(folder, longest)
    const semaphore = yield* Effect.makeSemaphore(1)
    /** What was begun is brought to its end, and one thing is done at a time. */
    const alone = <A, E>(effect: Effect.Effect<A, E>) => Effect.uninterruptible(semaphore.withPermits(1)(effect))
    let waiting: Array<Waiting> = []

    /** What stands in the files of others. */
    const ofOthers = Effect.gen(function* () {
      for (let reading = 0; reading < readings; reading++) {
        const files = yield* folder.list
        const read = yield* readAll(
          folder,
          files.filter(({ owner }) => owner !== share.owner())
        )
        // a file that was renamed in between can have been missed
        const names = new Set((yield* folder.list).map(({ name }) => name))
        if (names.size === files.length && files.every(({ name }) => names.has(name))) {
          const all = new Map<EntryKey, Entry>()
          for (const { entries } of read) for (const entry of entries.values()) Segment.merge(all, entry)
          return all
        }
      }
      return yield* JournalShare.unavailable(
        folder.directory,
        "entries",
        "its files kept changing while they were read"
      )
    })

    const store = (batch: ReadonlyArray<Waiting>) =>
      Effect.gen(function* () {
        const own = yield* share.current
        // an intent is a new job; any other state can be of a job that somebody else has started
        const isNew = ({ entry: { key } }: Waiting) => !share.entries.has(key) && !share.hasLost(key)
        const isStrange = (one: Waiting) => one.entry.state !== "intent" && isNew(one)
        const others: ReadonlyMap<EntryKey, Entry> = batch.some(isStrange) ? yield* ofOthers : new Map()
        const isMine = (one: Waiting) => share.entries.has(one.entry.key) || (isNew(one) && !others.has(one.entry.key))
        const [refused, mine] = Arr.partition(batch, isMine)
        yield* share.record(
          own,
          mine.map(({ entry }) => entry)
        )
        for (const { written } of mine) Deferred.unsafeDone(written, Effect.void)
        for (const { written } of refused) Deferred.unsafeDone(written, Effect.fail(JournalShare.notMine()))
      })

    /** Writes all that waits by now: those who came while the disk was busy share one turn. */
    const flush = Effect.suspend(() => {
      const batch = waiting
      waiting = []
      if (batch.length === 0) return Effect.void
      return store(batch).pipe(
        orFailed("write"),
        Effect.catchAllCause((cause) =>
          Effect.sync(() => {
            for (const { written } of batch) Deferred.unsafeDone(written, Effect.failCause(cause))
          })
        ),
        Effect.zipRight(share.renew)
      )
    })

    let isFlushing = false
    /** One writer for all: those who queued for turns of their own would each write alone. */
    const flushAll: Effect.Effect<void> = Effect.whileLoop({
      while: () => {
        isFlushing = waiting.length > 0
        return isFlushing
      },
      body: () => alone(flush),
      step: () => {}
    })

    /**
     * Claims the files of the dead. One rename does it, by which of two takers one comes too late. They are read after
     * it, and removed only when all that was in them is safe in the own file.
     */
    const take = (before: ReadonlyMap<string, number>) =>
      Effect.gen(function* () {
        const own = yield* share.current
        yield* share.copyAll
        // who cannot write what he takes leaves it where it is
        yield* own.appendSafely([Segment.beatLine])
        const files = yield* folder.list
        let newer = 0
        for (const root of yield* rootsIn(folder, files, own.owner)) {
          if (!hasLeft(root) && before.get(root.name) !== root.text.length) continue
          const tree = [root, ...Segment.levelsUnder(files, root.owner).flat()]
          const ofLater = sum((yield* readAll(folder, tree)).map((file) => file.newer))
          newer += ofLater
          if (ofLater === 0) yield* folder.rename(root.name, Segment.takenName(root.owner, own.owner))
        }
        yield* folder.sync
        const taken = yield* absorb(folder, share, own)
        return { ...taken, newer: taken.newer + newer }
      })

    yield* Effect.acquireRelease(orFailed("open")(alone(share.current)), () => alone(share.close))
    const beat = Effect.flatMap(share.current, (own) => own.append([Segment.beatLine]))
    const live = alone(Effect.zipRight(Effect.ignore(beat), share.renew))
    const pause = Math.max(1, Math.floor(Duration.toMillis(lease) / 3))
    // a layer that is built where nothing can be interrupted must still be able to close
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.delay(live, pause))))

    return makeJournal({
      write: (entry) =>
        Effect.suspend(() => {
          const written = Deferred.unsafeMake<void, JournalFailed>(FiberId.none)
          waiting.push({ entry, written })
          if (isFlushing) return Deferred.await(written)
          isFlushing = true
          return Effect.zipRight(Effect.forkDaemon(flushAll), Deferred.await(written))
        }).pipe(Effect.uninterruptible),
      holds: (key) => alone(share.holds(key)),
      entries: Effect.gen(function* () {
        const all = new Map(share.entries)
        for (const entry of (yield* ofOthers).values()) Segment.merge(all, entry)
        // what was taken over meanwhile stood in neither
        for (const entry of share.entries.values()) Segment.merge(all, entry)
        const now = yield* Clock.currentTimeMillis
        return Array.from(all.values()).filter((entry) => !isPast(entry, now))
      }).pipe(orFailed("entries")),
      takeOver: Effect.gen(function* () {
        const roots = yield* rootsIn(folder, yield* folder.list, share.owner())
        if (!roots.every(hasLeft)) yield* Effect.sleep(lease)
        return yield* alone(take(new Map(roots.map(({ name, text }) => [name, text.length]))))
      }).pipe(orFailed("takeOver"))
    })
  })
