/**
 * Pictures as files of a directory, whole or not at all.
 *
 * A file is written beside its place, synced, and renamed over it; then the directory is synced. So what bears a
 * picture's name is whole, whenever the program is killed or the power fails, and however many programs save the same
 * picture at once.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type { ImageFile } from "../../Download.js"
import { isNotFound, makeDirectory, syncDirectory } from "../platform/directory.js"
import { randomId } from "../platform/randomId.js"
import { extensions, sniff } from "./sniff.js"

/** A picture's file. */
export interface Kept {
  readonly path: string
  readonly byteLength: number
  readonly mediaType: string
}

/** A directory of pictures. Ids are to be {@link isSafe}. */
export interface PictureFiles {
  /** The whole file of a picture, where there is one. */
  readonly find: (id: string) => Effect.Effect<Kept | undefined, PlatformError>
  readonly write: (id: string, file: ImageFile) => Effect.Effect<Kept, PlatformError>
}

/** Whether an id can be the name of a file, on any system, and of nothing else. */
export const isSafe = (id: string): boolean =>
  /^[a-z0-9][a-z0-9_-]{0,99}$/i.test(id) && !/^(con|prn|aux|nul|com\d|lpt\d)$/i.test(id)

/** Makes the directory and its parents. Fails where they cannot be made, or pictures cannot be written there. */
export const openDirectory = (
  directory: string
): Effect.Effect<PictureFiles, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path

    /** The complete picture in a file. It is read to its end, which costs less than to download it again. */
    const look = (path: string): Effect.Effect<Kept | undefined, PlatformError> =>
      Effect.gen(function* () {
        const { type } = yield* fs.stat(path)
        if (type !== "File") return undefined
        const bytes = yield* fs.readFile(path)
        const sniffed = sniff(bytes)
        return sniffed?.isWhole ? { path, byteLength: bytes.byteLength, mediaType: sniffed.mediaType } : undefined
      }).pipe(Effect.catchIf(isNotFound, () => Effect.succeed(undefined)))

    yield* makeDirectory(fs, paths, directory)
    yield* fs.access(directory, { writable: true })

    /** Temporary files of processes that were killed while writing. */
    const leftovers = (yield* fs.readDirectory(directory)).filter((name) => name.endsWith(".part"))

    /**
     * For a picture whose whole file is there: another program's file, which may be among the leftovers though that
     * program lives, is not missed then.
     */
    const clearUp = (id: string): Effect.Effect<void> =>
      Effect.forEach(
        leftovers.filter((name) => name.startsWith(`.${id}.`)),
        (name) => Effect.ignore(fs.remove(paths.join(directory, name))),
        { discard: true }
      )

    const find: PictureFiles["find"] = (id) =>
      Effect.gen(function* () {
        for (const extension of extensions.values()) {
          const kept = yield* look(paths.join(directory, `${id}.${extension}`))
          if (kept === undefined) continue
          yield* syncDirectory(fs, directory) // the process that renamed it may have been killed before its sync
          yield* clearUp(id)
          return kept
        }
        return undefined
      })

    // Not to be interrupted: a file that is closed while a write is under way might have its bytes in another file.
    const write: PictureFiles["write"] = (id, { bytes, mediaType }) =>
      Effect.gen(function* () {
        const path = paths.join(directory, `${id}.${extensions.get(mediaType)}`)
        const part = paths.join(directory, `.${id}.${randomId(8)}.part`)
        const kept = { path, byteLength: bytes.byteLength, mediaType }
        yield* Effect.scoped(
          Effect.flatMap(fs.open(part, { flag: "wx" }), (file) => Effect.zipRight(file.writeAll(bytes), file.sync))
        ).pipe(
          Effect.zipRight(fs.rename(part, path)),
          Effect.tapError(() => Effect.ignore(fs.remove(part))),
          // another process saved the same picture and removed this temporary file
          Effect.catchIf(isNotFound, (error) =>
            Effect.filterOrFail(
              look(path),
              (there) => there !== undefined,
              () => error
            )
          )
        )
        yield* syncDirectory(fs, directory)
        yield* clearUp(id)
        return kept
      }).pipe(Effect.uninterruptible)

    return { find, write }
  })
