/** The directory of a journal, and the file in it that its owner writes. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { isNotFound, makeDirectory, syncDirectory } from "../../platform/directory.js"
import * as LogFile from "./logFile.js"

/**
 * - `own`: the file has its own name.
 * - `taken`: another owner has claimed it.
 * - `removed`: no owner can have claimed it: the directory was emptied or replaced.
 */
export type Place = "own" | "taken" | "removed"

/** A file to which its owner appends, one fiber at a time. */
export interface Writable {
  readonly owner: string
  /** The number of lines that were written. */
  readonly lines: () => number
  /** Whether it still has its own name. Fails if that cannot be checked, or if another program has changed the file. */
  readonly place: Effect.Effect<Place, PlatformError>
  /** Writes whole lines. A failed write is truncated, or else separated from the next one. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  /** The same, durable when it returns. */
  readonly appendSafely: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  readonly close: Effect.Effect<void>
}

export interface Folder {
  readonly directory: string
  /** Fails if the directory is gone. */
  readonly list: Effect.Effect<ReadonlyArray<LogFile.Named>, PlatformError>
  /** `None` if the file is gone. */
  readonly text: (name: string) => Effect.Effect<Option.Option<string>, PlatformError>
  /** Returns whether the file was there: of two programs that rename the same file, one succeeds. */
  readonly rename: (from: string, to: string) => Effect.Effect<boolean, PlatformError>
  /** Returns whether the file is gone. */
  readonly remove: (name: string) => Effect.Effect<boolean>
  /** Makes renames and removals durable, on systems that support it. */
  readonly sync: Effect.Effect<void>
  /** A new file, of a new owner. Only this user can read it. */
  readonly create: Effect.Effect<Writable, PlatformError>
}

/** Whether a path still leads to the same file or directory. */
const isSame = (a: FileSystem.File.Info, b: FileSystem.File.Info): boolean =>
  a.dev === b.dev && Option.getOrElse(a.ino, () => 0) === Option.getOrElse(b.ino, () => 0)

const changedByAnother = (path: string): PlatformError =>
  new SystemError({
    reason: "BadResource",
    module: "FileSystem",
    method: "stat",
    pathOrDescriptor: path,
    description: "another program has truncated or replaced the file"
  })

const unlessGone = <A>(effect: Effect.Effect<A, PlatformError>): Effect.Effect<Option.Option<A>, PlatformError> =>
  Effect.catchIf(Effect.asSome(effect), isNotFound, () => Effect.succeedNone)

export const make = (location: string): Effect.Effect<Folder, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const directory = path.resolve(location)
    const at = (name: string) => path.join(directory, name)

    /** The directory cannot be synced on every system. */
    const sync = Effect.ignore(syncDirectory(fs, directory))

    /** The directory in which this program created its first file. If it is removed later, it is not made again. */
    let opened: FileSystem.File.Info | undefined

    const list = Effect.map(fs.readDirectory(directory), LogFile.named)

    const writable = (
      owner: string,
      file: FileSystem.File,
      created: FileSystem.File.Info,
      close: Effect.Effect<void>
    ): Writable => {
      const location = at(LogFile.ownName(owner))
      const encoder = new TextEncoder()
      let size = 0
      let lines = 0
      let torn = false
      const write = (text: ReadonlyArray<string>, sync: boolean) =>
        Effect.suspend(() => {
          const bytes = encoder.encode((torn ? "\n" : "") + text.join(""))
          const written = sync ? Effect.zipRight(file.writeAll(bytes), file.sync) : file.writeAll(bytes)
          return Effect.matchEffect(written, {
            onSuccess: () =>
              Effect.sync(() => {
                size += bytes.length
                lines += text.length
                torn = false
              }),
            onFailure: (error) =>
              Effect.zipRight(
                Effect.match(file.truncate(size), {
                  onSuccess: () => {
                    torn = false
                  },
                  onFailure: () => {
                    torn = true
                  }
                }),
                Effect.fail(error)
              )
          })
        })
      return {
        owner,
        lines: () => lines,
        place: Effect.gen(function* () {
          const info = yield* unlessGone(fs.stat(location))
          if (Option.isSome(info)) {
            const isWhole = info.value.size >= BigInt(size) && isSame(info.value, created)
            return isWhole ? "own" : yield* changedByAnother(location)
          }
          const now = yield* fs.stat(directory)
          const isReplaced = opened !== undefined && !isSame(opened, now)
          // an owner that has claimed it has a file of its own
          return isReplaced || (yield* list).length === 0 ? "removed" : "taken"
        }),
        append: (text) => write(text, false),
        appendSafely: (text) => write(text, true),
        close
      }
    }

    return {
      directory,
      list,
      text: (name) => unlessGone(fs.readFileString(at(name))),
      rename: (from, to) => Effect.map(unlessGone(fs.rename(at(from), at(to))), Option.isSome),
      remove: (name) =>
        Effect.match(unlessGone(fs.remove(at(name))), { onFailure: () => false, onSuccess: () => true }),
      sync,
      create: Effect.gen(function* () {
        if (opened === undefined) yield* makeDirectory(fs, path, directory, { mode: 0o700 })
        const owner = crypto.randomUUID()
        const scope = yield* Scope.make()
        const options = { flag: "ax", mode: 0o600 } as const
        const file = yield* Scope.extend(fs.open(at(LogFile.ownName(owner)), options), scope)
        const close = Effect.asVoid(Effect.exit(Scope.close(scope, Exit.void)))
        yield* sync
        const [inside, created] = yield* Effect.tapError(Effect.all([fs.stat(directory), file.stat]), () =>
          Effect.zipRight(Effect.ignore(fs.remove(at(LogFile.ownName(owner)))), close)
        )
        opened = inside
        return writable(owner, file, created, close)
      })
    }
  })
