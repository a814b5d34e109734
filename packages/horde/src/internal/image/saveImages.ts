/** Saves the pictures of a job when they are downloaded. */
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import { DownloadFailed } from "../errors/jobErrors.js"
import { isSafe, type PictureFiles } from "./imageFiles.js"
import { imageInfo, type MakeResult } from "./job.js"
import { type PictureInfo, SavedPicture } from "./picture.js"

const notSaved = (message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason: "NotSaved", message, method: "GET", path: "(a result's link)", partial: [] })

const causeOf = (error: PlatformError): string =>
  error.description ?? (error._tag === "SystemError" ? error.reason : "BadArgument")

/** The error if no picture can be saved. */
export const directoryNotWritable = (directory: string, error: PlatformError): DownloadFailed<never> =>
  notSaved(`no file can be written in the directory "${directory}": ${causeOf(error)}`)

/** The name of a picture's file, without its extension. */
export type NameOf = (picture: PictureInfo) => string

/**
 * Makes the saved picture of a delivered one. A picture whose complete file exists is not downloaded again. `onSaved` runs
 * once for each picture.
 */
export const asSaved = (
  files: PictureFiles,
  directory: string,
  nameOf: NameOf,
  onSaved: (picture: SavedPicture) => Effect.Effect<void>
): MakeResult<SavedPicture> => {
  const saveFailed = (error: PlatformError) =>
    notSaved(`the file could not be written: ${causeOf(error)} (in the directory "${directory}")`)
  /** The ids of the pictures by name: a second picture must not count as saved because of the file of the first. */
  const named = new Map<string, string>()
  const reported = new Set<string>()
  return ({ file, generation }) =>
    Effect.gen(function* () {
      const info = imageInfo(generation)
      const name = yield* Effect.try({
        try: () => nameOf(info),
        catch: () => notSaved("the function that names the file threw an error")
      })
      if (!isSafe(name)) {
        return yield* notSaved("the name of a picture's file must be 1 to 100 letters, digits, - or _")
      }
      const other = named.get(name)
      if (other !== undefined && other !== info.id) return yield* notSaved("another picture has the same file name")
      named.set(name, info.id)
      const existing = yield* Effect.mapError(files.find(name), saveFailed)
      const saved = existing ?? (yield* Effect.mapError(files.write(name, yield* file), saveFailed))
      const picture = new SavedPicture({ ...info, ...saved })
      if (!reported.has(info.id)) {
        reported.add(info.id)
        yield* onSaved(picture)
      }
      return picture
    })
}
