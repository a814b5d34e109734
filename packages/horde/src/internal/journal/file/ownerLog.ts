/**
 * One owner's share of a journal in files: its entries, and the file in which they stand.
 *
 * Each owner writes a file of its own and never to another's. That its file was taken over it learns from the file's
 * absence from its place, and it looks each time before it says that something is written: the taker reads after it
 * has claimed, so that whatever was written before the look is either still the owner's or known to the taker.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { JournalFailed } from "../../../HordeError.js"
import { type Entry, type EntryKey, isPast } from "../../../JobJournal.js"
import type { Folder, Writable } from "./folder.js"
import * as Segment from "./logFile.js"

type Method = "open" | "write" | "entries" | "takeOver"

export const unavailable = (directory: string, method: Method, why: string): JournalFailed =>
  new JournalFailed({
    reason: "Unavailable",
    message: `the journal of jobs in ${directory} cannot be used: ${why}`,
    method,
    path: "(the journal)"
  })

export const notMine = (): JournalFailed =>
  new JournalFailed({
    reason: "NotMine",
    message: "Another program has this job, or took this one's over because it gave no sign of life for too long.",
    method: "write",
    path: "(the journal)"
  })

type Result<A> = Effect.Effect<A, PlatformError | JournalFailed>

/** Nothing of it may run twice at once. */
export interface Share {
  /** What this program has. Only {@link record} adds to it. */
  readonly entries: ReadonlyMap<EntryKey, Entry>
  /** Whether an entry was this program's before it was taken for dead. */
  readonly hasLost: (key: EntryKey) => boolean
  readonly owner: () => string | undefined
  /** The file to write to. Where the last one was taken it is a new one, of a new owner. */
  readonly current: Result<Writable>
  /** Writes entries to the file. They are this program's when this returns, and safe. */
  readonly record: (file: Writable, entries: ReadonlyArray<Entry>) => Result<void>
  readonly holds: (key: EntryKey) => Effect.Effect<boolean>
  /** Removes files of which everything stands in the own one, by levels. */
  readonly discard: (levels: ReadonlyArray<ReadonlyArray<Segment.Named>>) => Effect.Effect<void>
  /** Whether everything of a file stands in the own one, and it could not be removed. */
  readonly isLitter: (file: Segment.Named) => boolean
  /** Brings a renewal to its end that did not get there. */
  readonly copyAll: Result<void>
  /** Begins a new file when the own one has grown long. */
  readonly renew: Effect.Effect<void>
  readonly close: Effect.Effect<void>
}

/** A file with more lines than `longest` is written anew, with what is still of use in it. */
export const make = (folder: Folder, longest: number): Share => {
  const entries = new Map<EntryKey, Entry>()
  const lost = new Set<EntryKey>()
  let own: Writable | undefined
  let litter = new Set<string>()
  /** The file of the owner that this one was before, while not all of it has been copied. */
  let predecessor: Segment.Named | undefined
  let isClosed = false

  const lose = Effect.suspend(() => {
    for (const key of entries.keys()) lost.add(key)
    entries.clear()
    litter = new Set()
    predecessor = undefined
    const { close } = own ?? { close: Effect.void }
    own = undefined
    return close
  })

  /** Writes everything again that this program has: it is still its own where nobody can have taken it. */
  const rewrite = Effect.gen(function* () {
    yield* Effect.logWarning(`the files of the journal in ${folder.directory} were removed: they are written again`)
    const next = yield* folder.create
    const written = next.appendSafely(Array.from(entries.values(), Segment.entryLine))
    yield* Effect.tapError(written, () => Effect.zipRight(folder.remove(Segment.ownName(next.owner)), next.close))
    litter = new Set()
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

  /** Fails where the file was taken before now. Then nothing that was written to it counts. */
  const confirm = (file: Writable, written: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      const place = yield* file.place
      if (place === "own") return
      if (place === "removed") return yield* unavailable(folder.directory, "write", "its files were removed")
      yield* lose
      for (const { key } of written) lost.add(key)
      return yield* notMine()
    })

  const record = (file: Writable, added: ReadonlyArray<Entry>) =>
    Effect.gen(function* () {
      if (added.length > 0) yield* file.appendSafely(added.map(Segment.entryLine))
      yield* confirm(file, added)
      for (const entry of added) {
        entries.set(entry.key, entry)
        lost.delete(entry.key)
      }
    })

  /** From the last level to the first, so that no claim outlives the file of who made it. */
  const discard = (levels: ReadonlyArray<ReadonlyArray<Segment.Named>>) =>
    Effect.gen(function* () {
      const left: Array<Segment.Named> = []
      for (const level of levels.slice().reverse()) {
        if (left.length > 0 || level.length === 0) left.push(...level)
        else {
          for (const file of level) if (!(yield* folder.remove(file.name))) left.push(file)
          yield* folder.sync
        }
      }
      litter = new Set(left.map(({ name }) => name))
    })

  const isLitter = ({ name }: Segment.Named) => litter.has(name)

  /** Tries again to remove what could not be removed before. */
  const clean = Effect.gen(function* () {
    if (litter.size === 0 || own === undefined) return
    const levels = Segment.levelsUnder(yield* folder.list, own.owner)
    yield* discard(levels.map((level) => level.filter(isLitter)))
  })

  const copyAll = Effect.gen(function* () {
    if (predecessor === undefined || own === undefined) return
    yield* record(own, Array.from(entries.values()))
    yield* discard([[predecessor]])
    predecessor = undefined
  })

  /**
   * A new file is a new owner, who takes over from the old one: no file is ever put in the place of another, so none
   * comes back that was taken away.
   */
  const renew = Effect.gen(function* () {
    yield* clean
    if (predecessor !== undefined) return yield* copyAll
    const old = own
    if (old === undefined || old.lines() < Math.max(longest, 4 * entries.size) || litter.size > 0) return
    const now = yield* Clock.currentTimeMillis
    for (const [key, entry] of entries) if (isPast(entry, now)) entries.delete(key)
    const next = yield* folder.create
    const name = Segment.takenName(old.owner, next.owner)
    const renamed = yield* Effect.tapError(folder.rename(Segment.ownName(old.owner), name), () =>
      Effect.zipRight(folder.remove(Segment.ownName(next.owner)), next.close)
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
    litter.size === 0 && predecessor === undefined && Array.from(entries.values()).every((entry) => isPast(entry, now))

  const leave = Effect.gen(function* () {
    isClosed = true
    if (own === undefined) return
    if ((yield* own.place) === "own") {
      yield* clean
      const isGone = isIdle(yield* Clock.currentTimeMillis) && (yield* folder.remove(Segment.ownName(own.owner)))
      if (isGone) yield* folder.sync
      else yield* own.appendSafely([Segment.leftLine])
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
    isLitter,
    copyAll,
    renew: Effect.ignore(renew),
    close: Effect.zipRight(
      Effect.ignore(leave),
      Effect.suspend(() => own?.close ?? Effect.void)
    )
  }
}
