/**
 * Saves pictures as files in a directory, atomically.
 *
 * A picture is written to a temporary file in the same directory. The file is synced and renamed to its final name; then
 * the directory is synced. So a file with a picture's name is always complete, even if the program is killed, the power
 * fails, or several programs save the same picture at the same time.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type { ImageFile } from "../../Download.js"
import { isNotFound, makeDirectory, syncDirectory } from "../platform/directory.js"
import { randomId } from "../platform/randomId.js"
import { extensions, sniff } from "./sniff.js"

/** The complete file of a picture. */
export interface ImageFileInfo {
  readonly path: string
  readonly byteLength: number
  readonly mediaType: string
}

/** A directory of pictures. The names, without an extension, must be {@link isSafe}. */
export interface PictureFiles {
  /** Finds the complete file of a picture. */
  readonly find: (name: string) => Effect.Effect<ImageFileInfo | undefined, PlatformError>
  readonly write: (id: string, file: ImageFile) => Effect.Effect<ImageFileInfo, PlatformError>
}

/**
 * Whether a text is a valid file name on every system, without a directory or a device. It contains no dot, so that the
 * temporary files of one picture cannot have the name of another.
 */
export const isSafe = (name: string): boolean =>
  /^[a-z0-9][a-z0-9_-]{0,99}$/i.test(name) && !/^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name)

/** Creates the directory and its parents. Fails if that fails, or if the directory is not writable. */
export const openDirectory = (
  directory: string
): Effect.Effect<PictureFiles, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path

    /** Reads a file, and checks that the picture in it is complete. This is cheaper than another download. */
    const readComplete = (path: string): Effect.Effect<ImageFileInfo | undefined, PlatformError> =>
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
     * Only for a picture whose complete file exists: a leftover may belong to a running program, which then finds the
     * complete file instead.
     */
    const removeLeftovers = (name: string): Effect.Effect<void> =>
      Effect.forEach(
        leftovers.filter((file) => file.startsWith(`.${name}.`)),
        (file) => Effect.ignore(fs.remove(paths.join(directory, file))),
        { discard: true }
      )

    const find: PictureFiles["find"] = (name) =>
      Effect.gen(function* () {
        for (const extension of extensions.values()) {
          const saved = yield* readComplete(paths.join(directory, `${name}.${extension}`))
          if (saved === undefined) continue
          yield* syncDirectory(fs, directory) // the process that renamed it may have been killed before its sync
          yield* removeLeftovers(name)
          return saved
        }
        return undefined
      })

    // Uninterruptible: if a file is closed during a write, the bytes may go to another file that reuses its descriptor.
    const write: PictureFiles["write"] = (name, { bytes, mediaType }) =>
      Effect.gen(function* () {
        const path = paths.join(directory, `${name}.${extensions.get(mediaType)}`)
        const part = paths.join(directory, `.${name}.${randomId(8)}.part`)
        const saved = { path, byteLength: bytes.byteLength, mediaType }
        yield* Effect.scoped(
          Effect.flatMap(fs.open(part, { flag: "wx" }), (file) => Effect.zipRight(file.writeAll(bytes), file.sync))
        ).pipe(
          Effect.zipRight(fs.rename(part, path)),
          Effect.tapError(() => Effect.ignore(fs.remove(part))),
          // another process saved the same picture and removed this temporary file
          Effect.catchIf(isNotFound, (error) =>
            Effect.filterOrFail(
              readComplete(path),
              (existing) => existing !== undefined,
              () => error
            )
          )
        )
        yield* syncDirectory(fs, directory)
        yield* removeLeftovers(name)
        return saved
      }).pipe(Effect.uninterruptible)

    return { find, write }
  })
