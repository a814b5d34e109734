/**
 * The journal in files. The order of its operations ensures that a crash at any moment loses no entry, and that no entry
 * ever has two owners.
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
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { JournalFailed } from "../../../HordeError.js"
import { type Entry, type EntryKey, isOpen, isPast, make as makeJournal, type Service } from "../../../JobJournal.js"
import { notMine } from "../failures.js"
import { heartbeats } from "../ownership.js"
import * as Folder from "./folder.js"
import * as LogFile from "./logFile.js"
import * as OwnerLog from "./ownerLog.js"

/** The maximum number of attempts to read all files while other programs rename theirs. */
const maxAttempts = 20

interface PendingWrite {
  readonly entry: Entry
  readonly written: Deferred.Deferred<void, JournalFailed>
}

const orUnavailable =
  (directory: string) =>
  (method: OwnerLog.Method) =>
  <A, R>(effect: Effect.Effect<A, PlatformError | JournalFailed, R>): Effect.Effect<A, JournalFailed, R> =>
    Effect.mapError(effect, (error) =>
      error._tag === "JournalFailed" ? error : OwnerLog.unavailable(directory, method, error.message)
    )

/** Reads the files that still exist. */
const readTexts = (folder: Folder.Folder, files: ReadonlyArray<LogFile.Named>) =>
  Effect.forEach(files, (file) =>
    Effect.map(
      folder.text(file.name),
      Option.map((text) => ({ ...file, text }))
    )
  ).pipe(Effect.map(Arr.getSomes))

/** Reads the files that are not claimed. */
const readRoots = (folder: Folder.Folder, files: ReadonlyArray<LogFile.Named>, except: string | undefined) =>
  readTexts(
    folder,
    LogFile.rootsOf(files).filter(({ owner }) => owner !== except)
  )

const wasReleased = ({ takenBy, text }: LogFile.Named & { readonly text: string }) =>
  takenBy === undefined && text.endsWith(LogFile.leftLine)

const readEntries = (folder: Folder.Folder, files: ReadonlyArray<LogFile.Named>) =>
  Effect.map(readTexts(folder, files), (found) => found.map((file) => ({ ...file, ...LogFile.read(file.text) })))

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, one) => all + one, 0)

/** Merges all files that this owner has claimed into its log. */
const mergeClaimed = (folder: Folder.Folder, log: OwnerLog.OwnerLog, own: Folder.Writable) =>
  Effect.gen(function* () {
    const levels = LogFile.levelsUnder(yield* folder.list, own.owner)
    const files = yield* readEntries(
      folder,
      levels.flat().filter((file) => !log.isPendingDelete(file))
    )
    const known = files.filter(({ newer }) => newer === 0)
    const now = yield* Clock.currentTimeMillis
    const merged = new Map(log.entries)
    for (const { entries } of known) for (const entry of entries.values()) LogFile.merge(merged, entry)
    const added = Array.from(merged.values()).filter(
      (entry) => log.entries.get(entry.key) !== entry && !isPast(entry, now)
    )
    const taken = added.filter((entry) => isOpen(entry) && !log.entries.has(entry.key))
    yield* log.record(own, added)
    const withNewer = new Set(files.filter(({ newer }) => newer > 0).map(({ name }) => name))
    yield* log.discard(levels.map((level) => level.filter(({ name }) => !withNewer.has(name))))
    return {
      entries: taken,
      newer: sum(files.map(({ newer }) => newer)),
      unreadable: sum(known.map(({ unreadable }) => unreadable))
    }
  })

export const make = (
  directory: string,
  lease: Duration.Duration,
  maxLines = 5000
): Effect.Effect<Service, JournalFailed, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* Folder.make(directory)
    const orFailed = orUnavailable(folder.directory)
    const log = OwnerLog.make(folder, maxLines)
    const semaphore = yield* Effect.makeSemaphore(1)
    /** Runs one operation at a time, to its end. */
    const exclusively = <A, E>(effect: Effect.Effect<A, E>) => Effect.uninterruptible(semaphore.withPermits(1)(effect))

    /** Reads the entries of other owners. */
    const readOthers = Effect.gen(function* () {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const files = yield* folder.list
        const read = yield* readEntries(
          folder,
          files.filter(({ owner }) => owner !== log.owner())
        )
        // a file that was renamed during the read may have been missed
        const names = new Set((yield* folder.list).map(({ name }) => name))
        if (names.size === files.length && files.every(({ name }) => names.has(name))) {
          const all = new Map<EntryKey, Entry>()
          for (const { entries } of read) for (const entry of entries.values()) LogFile.merge(all, entry)
          return all
        }
      }
      return yield* OwnerLog.unavailable(folder.directory, "entries", "its files kept changing while they were read")
    })

    const store = (batch: ReadonlyArray<PendingWrite>) =>
      Effect.gen(function* () {
        const own = yield* log.current
        // an intent is a new job; an entry in another state can belong to another owner
        const isNew = ({ entry: { key } }: PendingWrite) => !log.entries.has(key) && !log.hasLost(key)
        const isForeign = (write: PendingWrite) => write.entry.state !== "intent" && isNew(write)
        const others: ReadonlyMap<EntryKey, Entry> = batch.some(isForeign) ? yield* readOthers : new Map()
        const isMine = (write: PendingWrite) =>
          log.entries.has(write.entry.key) || (isNew(write) && !others.has(write.entry.key))
        const [refused, mine] = Arr.partition(batch, isMine)
        yield* log.record(
          own,
          mine.map(({ entry }) => entry)
        )
        for (const { written } of mine) Deferred.unsafeDone(written, Effect.void)
        for (const { written } of refused) Deferred.unsafeDone(written, Effect.fail(notMine()))
      })

    const pending = yield* Queue.unbounded<PendingWrite>()
    /** Group commit: all writes that arrive during a sync share the next one. */
    const commit = Effect.flatMap(Queue.takeBetween(pending, 1, Number.POSITIVE_INFINITY), (chunk) => {
      const batch = Arr.fromIterable(chunk)
      const stored = Effect.catchAllCause(orFailed("write")(store(batch)), (cause) =>
        Effect.sync(() => {
          for (const { written } of batch) Deferred.unsafeDone(written, Effect.failCause(cause))
        })
      )
      return exclusively(Effect.zipRight(stored, log.compact))
    })
    // a daemon, so that a write after the scope has closed fails instead of waiting forever
    yield* Effect.forkDaemon(Effect.forever(commit))

    /**
     * Claims the files of dead owners. A claim is one rename, so only one of two claimants succeeds. The files are read
     * after the rename, and deleted once their entries are durable in this owner's file. `sizesBefore` has the length of
     * each unclaimed file one lease ago.
     */
    const take = (sizesBefore: ReadonlyMap<string, number>) =>
      Effect.gen(function* () {
        const own = yield* log.current
        yield* log.copyAll
        // check that we can write before claiming
        yield* own.appendDurably([LogFile.beatLine])
        const files = yield* folder.list
        let newer = 0
        for (const root of yield* readRoots(folder, files, own.owner)) {
          if (!wasReleased(root) && sizesBefore.get(root.name) !== root.text.length) continue
          const tree = [root, ...LogFile.levelsUnder(files, root.owner).flat()]
          const newerHere = sum((yield* readEntries(folder, tree)).map((file) => file.newer))
          newer += newerHere
          if (newerHere === 0) yield* folder.rename(root.name, LogFile.takenName(root.owner, own.owner))
        }
        yield* folder.sync
        const taken = yield* mergeClaimed(folder, log, own)
        return { ...taken, newer: taken.newer + newer }
      })

    yield* Effect.acquireRelease(orFailed("open")(exclusively(log.current)), () => exclusively(log.close))
    const beat = Effect.flatMap(log.current, (own) => own.append([LogFile.beatLine]))
    yield* heartbeats(Duration.toMillis(lease), exclusively(Effect.zipRight(Effect.ignore(beat), log.compact)))

    return makeJournal({
      write: (entry) =>
        Effect.suspend(() => {
          const written = Deferred.unsafeMake<void, JournalFailed>(FiberId.none)
          pending.unsafeOffer({ entry, written })
          return Deferred.await(written)
        }).pipe(Effect.uninterruptible),
      holds: (key) => exclusively(log.holds(key)),
      entries: Effect.gen(function* () {
        const all = new Map(log.entries)
        for (const entry of (yield* readOthers).values()) LogFile.merge(all, entry)
        // entries that were taken over during the read may be missing in both
        for (const entry of log.entries.values()) LogFile.merge(all, entry)
        const now = yield* Clock.currentTimeMillis
        return Array.from(all.values()).filter((entry) => !isPast(entry, now))
      }).pipe(orFailed("entries")),
      takeOver: Effect.gen(function* () {
        const roots = yield* readRoots(folder, yield* folder.list, log.owner())
        if (!roots.every(wasReleased)) yield* Effect.sleep(lease)
        return yield* exclusively(take(new Map(roots.map(({ name, text }) => [name, text.length]))))
      }).pipe(orFailed("takeOver"))
    })
  })
