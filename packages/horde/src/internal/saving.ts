/** Saves the pictures of a job as they are opened. */
import type { PlatformError } from "@effect/platform/Error"
import * as Effect from "effect/Effect"
import { DownloadFailed } from "../JobError.js"
import { SavedPicture } from "../Picture.js"
import { factsOf, type Opener } from "./imageJob.js"
import { isSafe, type PictureFiles } from "./pictureFiles.js"

const notSaved = (message: string): DownloadFailed<never> =>
  new DownloadFailed({ reason: "NotSaved", message, method: "GET", path: "(a result's link)", partial: [] })

/** What the disk had to say. */
export const refusedBy = (error: PlatformError): DownloadFailed<never> => {
  const reason = error._tag === "SystemError" ? error.reason : "BadArgument"
  return notSaved(`the file could not be written: ${error.description ?? reason}`)
}

/** A picture that is there already is not downloaded again. */
export const asSaved =
  (files: PictureFiles): Opener<SavedPicture> =>
  (generation, file) => {
    const { id } = generation
    if (!isSafe(id)) return Effect.fail(notSaved("the id of the result cannot be the name of a file"))
    return Effect.gen(function* () {
      const known = yield* Effect.mapError(files.find(id), refusedBy)
      const kept = known ?? (yield* Effect.mapError(files.write(id, yield* file), refusedBy))
      return new SavedPicture({ ...factsOf(generation), ...kept })
    })
  }
