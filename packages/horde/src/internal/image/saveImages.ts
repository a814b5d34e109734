/** Saves the pictures of a job as they are opened. */
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import { DownloadFailed } from "../errors/jobErrors.js"
import { isSafe, type PictureFiles } from "./imageFiles.js"
import { imageInfo, type Opener } from "./job.js"
import { SavedPicture } from "./picture.js"

const notSaved = (message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason: "NotSaved", message, method: "GET", path: "(a result's link)", partial: [] })

const causeOf = (error: PlatformError): string =>
  error.description ?? (error._tag === "SystemError" ? error.reason : "BadArgument")

/** No picture can be saved. */
export const directoryRefused = (directory: string, error: PlatformError): DownloadFailed<never> =>
  notSaved(`no file can be written in the directory "${directory}": ${causeOf(error)}`)

/** A picture that is there already is not downloaded again. */
export const asSaved = (files: PictureFiles, directory: string): Opener<SavedPicture> => {
  const refused = (error: PlatformError) =>
    notSaved(`the file could not be written: ${causeOf(error)} (in the directory "${directory}")`)
  return (generation, file) => {
    const { id } = generation
    if (!isSafe(id)) return Effect.fail(notSaved("the id of the result cannot be the name of a file"))
    return Effect.gen(function* () {
      const known = yield* Effect.mapError(files.find(id), refused)
      const kept = known ?? (yield* Effect.mapError(files.write(id, yield* file), refused))
      return new SavedPicture({ ...imageInfo(generation), ...kept })
    })
  }
}
