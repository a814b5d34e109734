/** The directory in which a journal lies, and a file in it that is written to. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Segment from "./logFile.js"

/**
 * - `own`: the file has its own name.
 * - `taken`: another owner has claimed it.
 * - `removed`: no owner can have claimed it, for the directory was emptied or replaced.
 */
export type Place = "own" | "taken" | "removed"

/** A file that is written to at its end, by one fiber at a time. */
export interface Writable {
  readonly owner: string
  /** How many lines were written. */
  readonly lines: () => number
  /** Whether it still has its own name. Fails where that cannot be told, or where another program has changed it. */
  readonly place: Effect.Effect<Place, PlatformError>
  /** Writes whole lines. What fails is taken back, or else cut off from what comes later. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  /** The same, safe from a power cut when it returns. */
  readonly appendSafely: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  readonly close: Effect.Effect<void>
}

export interface Folder {
  readonly directory: string
  /** Fails where the directory is gone. */
  readonly list: Effect.Effect<ReadonlyArray<Segment.Named>, PlatformError>
  /** Nothing if the file is gone. */
  readonly text: (name: string) => Effect.Effect<Option.Option<string>, PlatformError>
  /** Says whether it was there to be renamed: of two who want the same file, one gets it. */
  readonly rename: (from: string, to: string) => Effect.Effect<boolean, PlatformError>
  /** Says whether it is gone. */
  readonly remove: (name: string) => Effect.Effect<boolean>
  /** Makes names safe from a power cut. Not every system can. */
  readonly sync: Effect.Effect<void>
  /** A new file, of an owner who was not there before. Only this user can read it. */
  readonly create: Effect.Effect<Writable, PlatformError>
}

const isNotFound = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** One file or directory is another than the one of the same path that was there before. */
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

    const syncDirectory = (place: string) =>
      Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(place), (opened) => opened.sync)))

    /** The directory itself must outlast a power cut, and so must those above it. Who made them may not have got there. */
    const ensure = (place: string): Effect.Effect<void, PlatformError> =>
      Effect.gen(function* () {
        const above = path.dirname(place)
        if (above === place) return
        yield* ensure(above)
        if (!(yield* fs.exists(place))) {
          yield* Effect.catchIf(
            fs.makeDirectory(place, { mode: 0o700 }),
            (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
            () => Effect.void
          )
        }
        yield* syncDirectory(above)
      })
    /** The directory in which this program created its first file. One that is removed later is not made again. */
    let opened: FileSystem.File.Info | undefined

    const list = Effect.map(fs.readDirectory(directory), Segment.named)

    const writable = (
      owner: string,
      file: FileSystem.File,
      created: FileSystem.File.Info,
      close: Effect.Effect<void>
    ): Writable => {
      const location = at(Segment.ownName(owner))
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
          // whoever has claimed it has a file of its own
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
      sync: syncDirectory(directory),
      create: Effect.gen(function* () {
        if (opened === undefined) yield* ensure(directory)
        const owner = crypto.randomUUID()
        const scope = yield* Scope.make()
        const options = { flag: "ax", mode: 0o600 } as const
        const file = yield* Scope.extend(fs.open(at(Segment.ownName(owner)), options), scope)
        const close = Effect.asVoid(Effect.exit(Scope.close(scope, Exit.void)))
        yield* syncDirectory(directory)
        const [inside, created] = yield* Effect.tapError(Effect.all([fs.stat(directory), file.stat]), () =>
          Effect.zipRight(Effect.ignore(fs.remove(at(Segment.ownName(owner)))), close)
        )
        opened = inside
        return writable(owner, file, created, close)
      })
    }
  })
