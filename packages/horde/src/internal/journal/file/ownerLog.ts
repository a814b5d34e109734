/**
 * The log of one owner: its entries, and the file that stores them.
 *
 * Each owner writes only to its own file. A claim renames the file. The owner detects a claim because the file is
 * missing from its path, and checks this before it confirms a write. The claimant reads the file after the rename, so
 * it reads every write that the owner has confirmed.
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

/** The caller must run one operation at a time. */
export interface OwnerLog {
  /** The entries that this program owns. Only {@link record} adds to them. */
  readonly entries: ReadonlyMap<EntryKey, Entry>
  /** Whether this program owned an entry before its lease expired. */
  readonly hasLost: (key: EntryKey) => boolean
  readonly owner: () => string | undefined
  /** The file to write to. If the previous one was claimed, it is a new file of a new owner. */
  readonly current: Result<Writable>
  /** Writes entries to the file. When this returns, they are durable and this program owns them. */
  readonly record: (file: Writable, entries: ReadonlyArray<Entry>) => Result<void>
  readonly holds: (key: EntryKey) => Effect.Effect<boolean>
  /** Deletes files whose entries are all in this owner's file, level by level. */
  readonly discard: (levels: ReadonlyArray<ReadonlyArray<LogFile.Named>>) => Effect.Effect<void>
  /** Whether the entries of a file are all in this owner's file, but a delete of the file has failed. */
  readonly isPendingDelete: (file: LogFile.Named) => boolean
  /** Completes an interrupted compaction. */
  readonly copyAll: Result<void>
  /** Starts a new file if this owner's file has too many lines. */
  readonly compact: Effect.Effect<void>
  readonly close: Effect.Effect<void>
}

/** Compaction starts at `maxLines` lines. It writes the entries that are not past to a new file. */
export const make = (folder: Folder, maxLines: number): OwnerLog => {
  const entries = new Map<EntryKey, Entry>()
  const lost = new Set<EntryKey>()
  let own: Writable | undefined
  let pendingDeletes = new Set<string>()
  /** The file before a compaction, until its entries are copied. */
  let predecessor: LogFile.Named | undefined
  let isClosed = false

  const dropEntries = Effect.suspend(() => {
    for (const key of entries.keys()) lost.add(key)
    entries.clear()
    pendingDeletes = new Set()
    predecessor = undefined
    const { close } = own ?? { close: Effect.void }
    own = undefined
    return close
  })

  /** Writes all entries to a new file. This program still owns them: a removed file cannot have been claimed. */
  const rewrite = Effect.gen(function* () {
    yield* Effect.logWarning(
      `the files of the journal in ${folder.directory} were removed: writing its entries to a new file`
    )
    const next = yield* folder.create
    const written = next.appendDurably(Array.from(entries.values(), LogFile.entryLine))
    yield* Effect.tapError(written, () => Effect.zipRight(folder.remove(LogFile.ownName(next.owner)), next.close))
    pendingDeletes = new Set()
    predecessor = undefined
    if (own !== undefined) yield* own.close
    own = next
    return next
  })

  const current = Effect.gen(function* () {
    if (isClosed) return yield* unavailable(folder.directory, "write", "it is closed")
    const status = own === undefined ? "taken" : yield* own.status
    if (own !== undefined && status === "own") return own
    if (status === "removed") return yield* rewrite
    yield* dropEntries
    own = yield* folder.create
    return own
  })

  /** Fails if the file was claimed or removed. Then the writes to it are not confirmed. */
  const confirm = (file: Writable, written: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      const status = yield* file.status
      if (status === "own") return
      if (status === "removed") return yield* unavailable(folder.directory, "write", "its files were removed")
      yield* dropEntries
      for (const { key } of written) lost.add(key)
      return yield* failures.notMine()
    })

  const record = (file: Writable, added: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      if (added.length > 0) yield* file.appendDurably(added.map(LogFile.entryLine))
      yield* confirm(file, added)
      for (const entry of added) {
        entries.set(entry.key, entry)
        lost.delete(entry.key)
      }
    })

  /** Deletes the last level first, so that no claim outlives the file of its claimant. */
  const discard = (levels: ReadonlyArray<ReadonlyArray<LogFile.Named>>) =>
    Effect.gen(function* () {
      const remaining: Array<LogFile.Named> = []
      for (const level of levels.slice().reverse()) {
        if (remaining.length > 0 || level.length === 0) remaining.push(...level)
        else {
          for (const file of level) if (!(yield* folder.remove(file.name))) remaining.push(file)
          yield* folder.sync
        }
      }
      pendingDeletes = new Set(remaining.map(({ name }) => name))
    })

  const isPendingDelete = ({ name }: LogFile.Named) => pendingDeletes.has(name)

  const retryDeletes = Effect.gen(function* () {
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
   * The new file has a new owner, which claims the old file. No file ever replaces another, so a claimed file never
   * reappears at its old path.
   */
  const compact = Effect.gen(function* () {
    yield* retryDeletes
    if (predecessor !== undefined) return yield* copyAll
    const old = own
    if (old === undefined || old.lines() < Math.max(maxLines, 4 * entries.size) || pendingDeletes.size > 0) return
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
    } else yield* dropEntries
    own = next
    yield* copyAll
  })

  const isIdle = (now: number) =>
    pendingDeletes.size === 0 &&
    predecessor === undefined &&
    Array.from(entries.values()).every((entry) => isPast(entry, now))

  const release = Effect.gen(function* () {
    isClosed = true
    if (own === undefined) return
    if ((yield* own.status) === "own") {
      yield* retryDeletes
      const isRemoved = isIdle(yield* Clock.currentTimeMillis) && (yield* folder.remove(LogFile.ownName(own.owner)))
      if (isRemoved) yield* folder.sync
      else yield* own.appendDurably([LogFile.leftLine])
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
        if ((yield* Effect.orElseSucceed(own.status, () => "own")) !== "taken") return true
        yield* dropEntries
        return false
      }),
    discard,
    isPendingDelete,
    copyAll,
    compact: Effect.ignore(compact),
    close: Effect.zipRight(
      Effect.ignore(release),
      Effect.suspend(() => own?.close ?? Effect.void)
    )
  }
}
