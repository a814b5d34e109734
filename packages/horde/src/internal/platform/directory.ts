/** Directories whose entries have to survive a power cut. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"

export const isNotFound = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** Codes with which systems say that a directory cannot be opened, or not be synced. */
const notForDirectories = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM"])

const isUnsupported = ({ cause }: PlatformError): boolean =>
  typeof cause === "object" && cause !== null && "code" in cause && notForDirectories.has(String(cause.code))

/** Makes the names in a directory safe from a power cut, on systems that support it. */
export const syncDirectory = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, PlatformError> =>
  Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r" }), ({ sync }) => sync)).pipe(
    Effect.catchIf(isUnsupported, () => Effect.void)
  )

const isDirectory = (fs: FileSystem.FileSystem, path: string): Effect.Effect<boolean, PlatformError> =>
  fs.stat(path).pipe(
    Effect.map(({ type }) => type === "Directory"),
    Effect.catchIf(isNotFound, () => Effect.succeed(false))
  )

/**
 * Makes a directory and its parents, and syncs the directory above each of them: an earlier program may have made some
 * and been killed before they were safe.
 *
 * One directory at a time: where the system refuses a name with `ENOENT`, as below `/proc`, Node retries forever to make
 * the directory and its parents in one call.
 */
export const makeDirectory = (
  fs: FileSystem.FileSystem,
  paths: Path.Path,
  directory: string,
  options?: FileSystem.MakeDirectoryOptions
): Effect.Effect<void, PlatformError> =>
  Effect.gen(function* () {
    const path = paths.resolve(directory)
    const parent = paths.dirname(path)
    if (parent === path) return
    yield* makeDirectory(fs, paths, parent, options)
    if (!(yield* isDirectory(fs, path))) {
      yield* Effect.catchAll(fs.makeDirectory(path, options), (error) =>
        // another program made it
        Effect.filterOrFail(
          isDirectory(fs, path),
          (isThere) => isThere,
          () => error
        )
      )
    }
    yield* syncDirectory(fs, parent)
  })
