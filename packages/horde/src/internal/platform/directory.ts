/** Creates and syncs directories, so that their entries survive a power failure. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"

export const isNotFound = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** The error codes of systems that cannot open or sync a directory. */
const unsupportedCodes = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM"])

const isUnsupported = ({ cause }: PlatformError): boolean =>
  typeof cause === "object" && cause !== null && "code" in cause && unsupportedCodes.has(String(cause.code))

/** Makes the entries of a directory survive a power failure. Does nothing on systems that do not support it. */
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
 * Creates a directory and its parents, and syncs the parent of each of them, of existing ones too: the program that
 * created them may have been killed before its sync.
 *
 * Creates one directory at a time: if the system refuses a name with `ENOENT`, for example below `/proc`, Node's
 * recursive `mkdir` retries forever.
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
        // another program may have created it
        Effect.filterOrFail(
          isDirectory(fs, path),
          (exists) => exists,
          () => error
        )
      )
    }
    yield* syncDirectory(fs, parent)
  })
