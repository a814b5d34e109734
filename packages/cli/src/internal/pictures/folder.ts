/** Creates the folder for pictures. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { type CommandFailed, local } from "../failures/failures.js"

/**
 * Creates a folder and its parents, one at a time: if the system refuses a name with `ENOENT`, for example below `/proc`,
 * Node's recursive `mkdir` retries forever.
 */
export const makeFolder = (folder: string): Effect.Effect<void, CommandFailed, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const make = (path: string): Effect.Effect<void, unknown> =>
      Effect.gen(function* () {
        if (yield* fs.exists(path)) return
        const parent = paths.dirname(path)
        if (parent !== path) yield* make(parent)
        yield* fs.makeDirectory(path)
      })
    yield* make(paths.resolve(folder)).pipe(
      Effect.zipRight(fs.access(folder, { writable: true })),
      Effect.mapError(() => local(`no files can be written in the folder ${folder}`))
    )
  })
