/** The directory in which a journal lies, and a file in it that is written to. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Segment from "./segment.js"

/** A file that is written to at its end, by one fiber at a time. */
export interface Writable {
  readonly owner: string
  /** How many lines were written. */
  readonly lines: () => number
  /** Whether it still stands under its own name: nobody has claimed it. */
  readonly inPlace: Effect.Effect<boolean, PlatformError>
  /** Writes whole lines. What fails is taken back, or else cut off from what comes later. */
  readonly append: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  /** The same, safe from a power cut when it returns. */
  readonly appendSafely: (lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformError>
  readonly close: Effect.Effect<void>
}

export interface Folder {
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
    let isEnsured = false

    const writable = (owner: string, file: FileSystem.File, close: Effect.Effect<void>): Writable => {
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
        inPlace: fs.exists(at(Segment.ownName(owner))),
        append: (text) => write(text, false),
        appendSafely: (text) => write(text, true),
        close
      }
    }

    return {
      list: Effect.map(
        unlessGone(fs.readDirectory(directory)),
        Option.match({ onNone: () => [], onSome: Segment.named })
      ),
      text: (name) => unlessGone(fs.readFileString(at(name))),
      rename: (from, to) => Effect.map(unlessGone(fs.rename(at(from), at(to))), Option.isSome),
      remove: (name) =>
        Effect.match(unlessGone(fs.remove(at(name))), { onFailure: () => false, onSuccess: () => true }),
      sync: syncDirectory(directory),
      create: Effect.gen(function* () {
        if (!(isEnsured && (yield* fs.exists(directory)))) yield* ensure(directory)
        isEnsured = true
        const owner = crypto.randomUUID()
        const scope = yield* Scope.make()
        const options = { flag: "ax", mode: 0o600 } as const
        const file = yield* Scope.extend(fs.open(at(Segment.ownName(owner)), options), scope)
        yield* syncDirectory(directory)
        return writable(owner, file, Effect.asVoid(Effect.exit(Scope.close(scope, Exit.void))))
      })
    }
  })
