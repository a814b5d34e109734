/** The directory of a journal, and the files to which owners append. */
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
 * The status of an owner's file:
 *
 * - `own`: the file has its own name.
 * - `taken`: another owner has claimed it.
 * - `removed`: the directory was emptied or replaced, so that no owner can have claimed the file.
 */
export type FileStatus = "own" | "taken" | "removed"

/** A file to which its owner appends, one fiber at a time. */
export interface Writable {
  readonly owner: string
  /** The number of lines that were written. */
  readonly lines: () => number
  /** Fails if it cannot be checked, or if another program has truncated or replaced the file. */
  readonly status: Effect.Effect<FileStatus, PlatformError>
  /** Appends lines. A failed write is truncated; if that fails too, a line break separates it from the next write. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  /** Appends lines that are durable when it returns. */
  readonly appendDurably: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
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
  /** Creates a file for a new owner. Only the current user can read it. */
  readonly create: Effect.Effect<Writable, PlatformError>
}

/** Whether two results of `stat` are of the same file or directory. */
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

    const sync = Effect.ignore(syncDirectory(fs, directory))

    /** The directory in which this program created its first file. If it is removed later, it is not created again. */
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
      let isTorn = false
      const write = (text: ReadonlyArray<string>, sync: boolean) =>
        Effect.suspend(() => {
          const bytes = encoder.encode((isTorn ? "\n" : "") + text.join(""))
          const written = sync ? Effect.zipRight(file.writeAll(bytes), file.sync) : file.writeAll(bytes)
          return Effect.matchEffect(written, {
            onSuccess: () =>
              Effect.sync(() => {
                size += bytes.length
                lines += text.length
                isTorn = false
              }),
            onFailure: (error) =>
              Effect.zipRight(
                Effect.match(file.truncate(size), {
                  onSuccess: () => {
                    isTorn = false
                  },
                  onFailure: () => {
                    isTorn = true
                  }
                }),
                Effect.fail(error)
              )
          })
        })
      return {
        owner,
        lines: () => lines,
        status: Effect.gen(function* () {
          const info = yield* unlessGone(fs.stat(location))
          if (Option.isSome(info)) {
            const isWhole = info.value.size >= BigInt(size) && isSame(info.value, created)
            return isWhole ? "own" : yield* changedByAnother(location)
          }
          const now = yield* fs.stat(directory)
          const isReplaced = opened !== undefined && !isSame(opened, now)
          // an owner that has claimed it has its own file in the directory
          return isReplaced || (yield* list).length === 0 ? "removed" : "taken"
        }),
        append: (text) => write(text, false),
        appendDurably: (text) => write(text, true),
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
