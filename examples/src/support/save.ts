/** Saves the pictures of the examples. */
import { FileSystem, Path } from "@effect/platform"
import { Effect } from "effect"
import type { ImageGeneration } from "effect-horde"

/** Saves a picture under its id, and returns the path of the file. */
export const save = (picture: ImageGeneration.Picture) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = path.resolve("examples", "output")
    yield* fs.makeDirectory(folder, { recursive: true })
    const file = path.join(folder, `${picture.id}.${picture.mediaType.replace("image/", "")}`)
    yield* fs.writeFile(file, picture.bytes)
    return file
  })
