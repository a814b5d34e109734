/** Saves the pictures of a job, each with its metadata, and shows the progress. */
import * as FileSystem from "@effect/platform/FileSystem"
import type { Path } from "@effect/platform/Path"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import type { Generation } from "../metadata/generation.js"
import * as Metadata from "../metadata/picture.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { version } from "../program/version.js"
import { nameOf } from "./fileName.js"

/** What is known of the request of a job. */
export type Requested = Pick<Generation, "prompt" | "negativePrompt" | "width" | "height" | "steps">

/** Replaces a file at once: it is never incomplete. */
const replace = (path: string, bytes: Uint8Array) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    // the same pattern as the SDK's own temporary files, which removes those that a crash has left
    const part = path.replace(/([^/\\]+)\.[^.]+$/, `.$1.${(yield* Random.nextInt).toString(36)}.part`)
    yield* fs.writeFile(part, bytes).pipe(
      Effect.zipRight(fs.rename(part, path)),
      Effect.tapError(() => Effect.ignore(fs.remove(part)))
    )
  }).pipe(Effect.uninterruptible)

/** Writes metadata into a saved picture. Returns why it has none, if so. */
export const embed = (path: string, generation: Generation) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.readFile(path)
    // a picture that an earlier command has saved: its metadata may have a prompt that is not known any more
    const earlier = Option.getOrElse(Metadata.read(file), () => ({}))
    const bytes = Metadata.write(file, { ...generation, ...earlier })
    if (bytes === undefined) return "it is neither WebP nor PNG"
    yield* replace(path, bytes)
    return undefined
  }).pipe(Effect.orElseSucceed(() => "the file cannot be written again"))

/** A picture for `--json`. */
export const asJson = ({
  byteLength,
  censored,
  mediaType,
  model,
  path,
  seed,
  workerName
}: ImageGeneration.SavedPicture) => ({
  path,
  mediaType,
  byteLength,
  model,
  seed,
  worker: workerName,
  censored
})

/** The names of the files in a folder without their extensions: a picture that is saved already keeps its name. */
const namesIn = (directory: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const files = yield* Effect.orElseSucceed(fs.readDirectory(directory), (): Array<string> => [])
    return files.map((file) => file.replace(/\.[^.]*$/, ""))
  })

/** Waits for a job, saves its pictures, and prints the path of each one when it is saved. */
export const save = (
  job: ImageGeneration.ImageJob,
  options: { readonly directory: string; readonly requested: Requested; readonly json: boolean }
): Effect.Effect<
  { readonly pictures: ReadonlyArray<ImageGeneration.SavedPicture>; readonly kudos: number },
  Effect.Effect.Error<ReturnType<typeof ImageGeneration.save>>,
  FileSystem.FileSystem | Path | Screen
> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const { directory, json, requested } = options
    const { submittedAt } = job.ticket
    const saved = (picture: ImageGeneration.SavedPicture) =>
      Effect.gen(function* () {
        const fault = yield* embed(picture.path, {
          ...requested,
          ...(picture.model === undefined ? {} : { model: picture.model }),
          ...(picture.seed === undefined ? {} : { seed: picture.seed }),
          createdAt: DateTime.formatIso(submittedAt),
          software: `effect-horde-cli ${version}`
        })
        if (!json) yield* screen.print(picture.path)
        if (fault !== undefined) yield* screen.note(`horde: no metadata in ${picture.path}: ${fault}`)
        if (picture.censored) {
          yield* screen.note(`horde: ${picture.path} is a replacement: the worker's safety filter censored the picture`)
        }
      })
    const names = yield* namesIn(directory)
    let kudos = 0
    const pictures = yield* ImageGeneration.save(job, {
      directory,
      name: ({ id }) => {
        const start = nameOf(submittedAt, id, undefined)
        return (
          names.find((name) => name === start || name.startsWith(`${start}-`)) ??
          nameOf(submittedAt, id, requested.prompt)
        )
      },
      onProgress: (event): Effect.Effect<void, never, Screen | FileSystem.FileSystem> => {
        if (event._tag === "Saved") return saved(event.picture)
        kudos = event.check.kudos
        return Progress.show(event.check, submittedAt.epochMillis, "drawing")
      }
    })
    return { pictures, kudos }
  })
