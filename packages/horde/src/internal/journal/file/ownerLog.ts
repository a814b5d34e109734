/**
 * The log of one owner: its entries, and the file that holds them.
 *
 * Each owner writes a file of its own and never to another's. The owner learns that its file was claimed from the file's
 * absence from its path, and checks this before it confirms a write. The taker reads after its claim: whatever was
 * written before the check is either still the owner's or known to the taker.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { JournalFailed } from "../../../HordeError.js"
import { type Entry, type EntryKey, isPast } from "../../../JobJournal.js"
import * as failures from "../failures.js"
import type { Folder, Writable } from "./folder.js"
import * as LogFile from "./logFile.js"

export type Method = "open" | "write" | "entries" | "takeOver"

export const unavailable = (directory: string, method: Method, why: string): JournalFailed =>
  failures.unavailable(method, `the journal of jobs in ${directory} cannot be used: ${why}`)

type Result<A> = Effect.Effect<A, PlatformError | JournalFailed>

/** One operation at a time. */
export interface OwnerLog {
  /** The entries that this program owns. Only {@link record} adds to them. */
  readonly entries: ReadonlyMap<EntryKey, Entry>
  /** Whether this program owned an entry before its lease expired. */
  readonly hasLost: (key: EntryKey) => boolean
  readonly owner: () => string | undefined
  /** The file to write to. If the last one was claimed, it is a new one, of a new owner. */
  readonly current: Result<Writable>
  /** Writes entries to the file. When this returns they are this program's, and durable. */
  readonly record: (file: Writable, entries: ReadonlyArray<Entry>) => Result<void>
  readonly holds: (key: EntryKey) => Effect.Effect<boolean>
  /** Deletes files whose entries are all in the own one, by levels. */
  readonly discard: (levels: ReadonlyArray<ReadonlyArray<LogFile.Named>>) => Effect.Effect<void>
  /** Whether the entries of a file are all in the own one, and it could not be deleted. */
  readonly isPendingDelete: (file: LogFile.Named) => boolean
  /** Completes a compaction that was cut short. */
  readonly copyAll: Result<void>
  /** Starts a new file when the own one has grown long. */
  readonly compact: Effect.Effect<void>
  readonly close: Effect.Effect<void>
}

/** A file with more lines than `longest` is compacted: the entries that are not past go into a new one. */
export const make = (folder: Folder, longest: number): OwnerLog => {
  const entries = new Map<EntryKey, Entry>()
  const lost = new Set<EntryKey>()
  let own: Writable | undefined
  let pendingDeletes = new Set<string>()
  /** The file before a compaction, until all its entries are copied. */
  let predecessor: LogFile.Named | undefined
  let isClosed = false

  const lose = Effect.suspend(() => {
    for (const key of entries.keys()) lost.add(key)
    entries.clear()
    pendingDeletes = new Set()
    predecessor = undefined
    const { close } = own ?? { close: Effect.void }
    own = undefined
    return close
  })

  /** Writes all entries again. They are still this program's: no owner can have claimed a file that was removed. */
  const rewrite = Effect.gen(function* () {
    yield* Effect.logWarning(`the files of the journal in ${folder.directory} were removed: writing them again`)
    const next = yield* folder.create
    const written = next.appendSafely(Array.from(entries.values(), LogFile.entryLine))
    yield* Effect.tapError(written, () => Effect.zipRight(folder.remove(LogFile.ownName(next.owner)), next.close))
    pendingDeletes = new Set()
    predecessor = undefined
    if (own !== undefined) yield* own.close
    own = next
    return next
  })

  const current = Effect.gen(function* () {
    if (isClosed) return yield* unavailable(folder.directory, "write", "it is closed")
    const place = own === undefined ? "taken" : yield* own.place
    if (own !== undefined && place === "own") return own
    if (place === "removed") return yield* rewrite
    yield* lose
    own = yield* folder.create
    return own
  })

  /** Fails if the file was claimed before now. Then the writes to it do not count. */
  const confirm = (file: Writable, written: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      const place = yield* file.place
      if (place === "own") return
      if (place === "removed") return yield* unavailable(folder.directory, "write", "its files were removed")
      yield* lose
      for (const { key } of written) lost.add(key)
      return yield* failures.notMine()
    })

  const record = (file: Writable, added: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      if (added.length > 0) yield* file.appendSafely(added.map(LogFile.entryLine))
      yield* confirm(file, added)
      for (const entry of added) {
        entries.set(entry.key, entry)
        lost.delete(entry.key)
      }
    })

  /** From the last level to the first, so that no claim outlives the file of its claimant. */
  const discard = (levels: ReadonlyArray<ReadonlyArray<LogFile.Named>>) =>
    Effect.gen(function* () {
      const left: Array<LogFile.Named> = []
      for (const level of levels.slice().reverse()) {
        if (left.length > 0 || level.length === 0) left.push(...level)
        else {
          for (const file of level) if (!(yield* folder.remove(file.name))) left.push(file)
          yield* folder.sync
        }
      }
      pendingDeletes = new Set(left.map(({ name }) => name))
    })

  const isPendingDelete = ({ name }: LogFile.Named) => pendingDeletes.has(name)

  /** Retries the deletes that failed. */
  const clean = Effect.gen(function* () {
    if (pendingDeletes.size === 0 || own === undefined) return
    const levels = LogFile.levelsUnder(yield* folder.list, own.owner)
    yield* discard(levels.map((level) => level.filter(isPendingDelete)))
  })

  const copyAll = Effect.gen(function* () {
    if (predecessor === undefined || own === undefined) return
    yield* record(own, Array.from(entries.values()))
    yield* discard([[predecessor]])
    predecessor = undefined
  })

  /**
   * A new file is a new owner, which takes over from the old one. No file ever replaces another, so that a file that was
   * claimed never reappears.
   */
  const compact = Effect.gen(function* () {
    yield* clean
    if (predecessor !== undefined) return yield* copyAll
    const old = own
    if (old === undefined || old.lines() < Math.max(longest, 4 * entries.size) || pendingDeletes.size > 0) return
    const now = yield* Clock.currentTimeMillis
    for (const [key, entry] of entries) if (isPast(entry, now)) entries.delete(key)
    const next = yield* folder.create
    const name = LogFile.takenName(old.owner, next.owner)
    const renamed = yield* Effect.tapError(folder.rename(LogFile.ownName(old.owner), name), () =>
      Effect.zipRight(folder.remove(LogFile.ownName(next.owner)), next.close)
    )
    if (renamed) {
      yield* folder.sync
      yield* old.close
      predecessor = { name, owner: old.owner, takenBy: next.owner }
    } else yield* lose
    own = next
    yield* copyAll
  })

  const isIdle = (now: number) =>
    pendingDeletes.size === 0 &&
    predecessor === undefined &&
    Array.from(entries.values()).every((entry) => isPast(entry, now))

  const leave = Effect.gen(function* () {
    isClosed = true
    if (own === undefined) return
    if ((yield* own.place) === "own") {
      yield* clean
      const isGone = isIdle(yield* Clock.currentTimeMillis) && (yield* folder.remove(LogFile.ownName(own.owner)))
      if (isGone) yield* folder.sync
      else yield* own.appendSafely([LogFile.leftLine])
    }
  })

  return {
    entries,
    hasLost: (key) => lost.has(key),
    owner: () => own?.owner,
    current,
    record,
    holds: (key) =>
      Effect.gen(function* () {
        if (own === undefined || !entries.has(key)) return false
        // if the check fails, assume that nothing changed
        if ((yield* Effect.orElseSucceed(own.place, () => "own")) !== "taken") return true
        yield* lose
        return false
      }),
    discard,
    isPendingDelete,
    copyAll,
    compact: Effect.ignore(compact),
    close: Effect.zipRight(
      Effect.ignore(leave),
      Effect.suspend(() => own?.close ?? Effect.void)
    )
  }
}
