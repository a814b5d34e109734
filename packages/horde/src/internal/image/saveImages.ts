/** Saves the pictures of a job when they are downloaded. */
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import { DownloadFailed } from "../errors/jobErrors.js"
import { isSafe, type PictureFiles } from "./imageFiles.js"
import { imageInfo, type MakeResult } from "./job.js"
import { SavedPicture } from "./picture.js"

const notSaved = (message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason: "NotSaved", message, method: "GET", path: "(a result's link)", partial: [] })

const causeOf = (error: PlatformError): string =>
  error.description ?? (error._tag === "SystemError" ? error.reason : "BadArgument")

/** The error if no picture can be saved. */
export const directoryNotWritable = (directory: string, error: PlatformError): DownloadFailed<never> =>
  notSaved(`no file can be written in the directory "${directory}": ${causeOf(error)}`)

/** A picture whose complete file exists is not downloaded again. */
export const asSaved = (files: PictureFiles, directory: string): MakeResult<SavedPicture> => {
  const saveFailed = (error: PlatformError) =>
    notSaved(`the file could not be written: ${causeOf(error)} (in the directory "${directory}")`)
  return (generation, file) => {
    const { id } = generation
    if (!isSafe(id)) return Effect.fail(notSaved("the id of the result cannot be the name of a file"))
    return Effect.gen(function* () {
      const existing = yield* Effect.mapError(files.find(id), saveFailed)
      const saved = existing ?? (yield* Effect.mapError(files.write(id, yield* file), saveFailed))
      return new SavedPicture({ ...imageInfo(generation), ...saved })
    })
  }
}
