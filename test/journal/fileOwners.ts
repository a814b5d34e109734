/** Owners of a journal in files, on a disk and by a clock of the test. */
import { Duration, Effect, Either, Exit, Scope } from "effect"
import type * as HordeError from "effect-horde/HordeError"
import * as JobJournal from "effect-horde/JobJournal"
import * as fileJournal from "../../packages/horde/src/internal/journal/file/journal.js"
import * as LogFile from "../../packages/horde/src/internal/journal/file/logFile.js"
import { fingerprint } from "../../packages/horde/src/internal/journal/fingerprint.js"
import * as Disk from "../support/disk.js"
import * as QuickClock from "../support/quickClock.js"
import { lease } from "./contract.js"
import { type EntryOptions, entry } from "./entries.js"

export const directory = "/var/horde"

export const key = (name: string): JobJournal.EntryKey => JobJournal.EntryKey.make(name)

/** A record as it is stored in a file. */
export const record = (json: string): string => `${fingerprint(json)} ${json}\n`

/** Entries in two groups of files, each of which another owner could take. */
export const inTwoTrees = ({ files }: World): ReadonlyArray<string> => {
  const all = files()
  const named = LogFile.named([...all.keys()])
  const keys = LogFile.rootsOf(named).flatMap((root) => {
    const tree = [root, ...LogFile.levelsUnder(named, root.owner).flat()]
    return [...new Set(tree.flatMap(({ name }) => [...LogFile.read(all.get(name) ?? "").entries.keys()]))]
  })
  return keys.filter((key, at) => keys.indexOf(key) < at)
}

export interface World {
  readonly disk: Disk.Disk
  readonly clock: QuickClock.QuickClock
  readonly owner: (options?: OwnerOptions) => Effect.Effect<Owner, HordeError.JournalFailed, Scope.Scope>
  /** The names and contents of the journal's files. */
  readonly files: () => ReadonlyMap<string, string>
}

export interface OwnerOptions {
  readonly lease?: Duration.DurationInput
  /** The maximum number of lines of a file. */
  readonly longest?: number
  /** Gets the process before that does anything. */
  readonly process?: (process: Disk.Process) => void
}

export interface Owner extends JobJournal.Operations {
  readonly process: Disk.Process
  readonly leave: Effect.Effect<void>
  /** {@link takeOver}, for a test that lets the time pass itself. */
  readonly takingOver: JobJournal.Service["takeOver"]
  readonly put: (options: EntryOptions) => Effect.Effect<void, HordeError.JournalFailed>
  /** The same, and its result. */
  readonly tryPut: (options: EntryOptions) => Effect.Effect<"written" | HordeError.JournalFailed["reason"]>
  /** The keys that it holds. */
  readonly held: (...keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<string>>
}

export const world = (): World => {
  const disk = Disk.make()
  const clock = QuickClock.make()
  return {
    disk,
    clock,
    files: () =>
      new Map(
        Array.from(disk.files(), ([path, bytes]) => [path.slice(directory.length + 1), new TextDecoder().decode(bytes)])
      ),
    owner: (options = {}) =>
      Effect.gen(function* () {
        const process = disk.process()
        options.process?.(process)
        const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => {
          process.resume()
          return Scope.close(scope, Exit.void)
        })
        const make = fileJournal.make(directory, Duration.decode(options.lease ?? lease), options.longest)
        const journal = yield* clock.by(Effect.provide(Scope.extend(make, scope), process.layer))
        const put = (options: EntryOptions) => clock.by(Effect.flatMap(entry(options), journal.write))
        return {
          write: (entry) => clock.by(journal.write(entry)),
          holds: (key) => clock.by(journal.holds(key)),
          entries: clock.by(journal.entries),
          takeOver: clock.during(journal.takeOver),
          takingOver: clock.by(journal.takeOver),
          process,
          leave: Scope.close(scope, Exit.void),
          put,
          tryPut: (options) =>
            Effect.map(
              Effect.either(put(options)),
              Either.match({ onLeft: ({ reason }) => reason, onRight: () => "written" as const })
            ),
          held: (...keys) => Effect.filter(keys, (name) => clock.by(journal.holds(key(name))))
        }
      })
  }
}
