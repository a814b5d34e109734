/** `horde caption` and `horde upscale`: alchemy with one form. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Alchemy from "effect-horde/Alchemy"
import { withHorde } from "../connection/withHorde.js"
import { exitCode } from "../failures/exitCode.js"
import { CommandFailed, local, notFound, usage } from "../failures/failures.js"
import { reported } from "../failures/report.js"
import * as Metadata from "../metadata/picture.js"
import type { ConnectionOptions } from "../options/connection.js"
import { valueOf } from "../options/image.js"
import { printJson } from "../output/json.js"
import * as Progress from "../output/progress.js"
import { Screen } from "../output/screen.js"
import { makeFolder } from "../pictures/folder.js"
import * as Signature from "../pictures/signature.js"
import { cancelledOnInterrupt } from "./cancelled.js"
import { waitOptions } from "./waitOptions.js"

export interface AlchemyInput {
  readonly file: string
  readonly journal: Option.Option<string>
  readonly timeout: Option.Option<number>
  readonly connection: ConnectionOptions
}

/** More than any picture that the horde processes, in bytes. */
const largestFile = 64 * 1024 * 1024

/** Reads a file of the user. A device such as `/dev/zero` would never end. */
export const readPicture = (file: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const failed = (error: PlatformError) =>
      error._tag === "SystemError" && error.reason === "NotFound"
        ? notFound(`there is no file ${file}`)
        : local(`the file ${file} cannot be read`)
    const { size, type } = yield* Effect.mapError(fs.stat(file), failed)
    if (type !== "File") return yield* usage(`${file} is not a file`)
    if (size > largestFile) return yield* usage(`the file ${file} has more than ${largestFile / 1024 / 1024} MiB`)
    const bytes = yield* Effect.mapError(fs.readFile(file), failed)
    if (bytes.length === 0) return yield* usage(`the file ${file} is empty`)
    return bytes
  })

/** Reads a picture for the horde. No other file is sent. */
const readSource = (file: string) =>
  Effect.filterOrFail(
    readPicture(file),
    (bytes) => Signature.formatOf(bytes) !== undefined,
    () => usage(`the file ${file} is no picture`)
  )

/** Waits for the results of an alchemy job, and shows the progress. */
export const results = (job: Alchemy.AlchemyJob) =>
  Effect.gen(function* () {
    const started = job.ticket.submittedAt.epochMillis
    let found: ReadonlyArray<Alchemy.FormResult> = []
    yield* Stream.runForEach(job.progress, (event) => {
      if (event._tag === "Checked") return Progress.show(event.check, started, "processing")
      if (event._tag === "Finished") found = event.results
      return Effect.void
    })
    yield* Effect.flatMap(Screen, ({ clearStatus }) => clearStatus)
    return found
  })

/** Submits one form, and returns its result. */
const runForm = (source: Uint8Array, form: Alchemy.AlchemyForm, timeout: number | undefined) =>
  Effect.gen(function* () {
    yield* Progress.doing("sending the picture")
    const job = yield* Alchemy.submit({ source_image: source, forms: [{ name: form }] }, waitOptions(timeout))
    const [result] = yield* results(job)
    if (result === undefined || result._tag === "Failed") {
      return yield* new CommandFailed({
        code: exitCode.jobFailed,
        message: "the workers could not process the picture"
      })
    }
    return result
  })

const unexpected = new CommandFailed({ code: exitCode.jobFailed, message: "the worker sent another kind of result" })

export const caption = ({ connection, file, journal, timeout }: AlchemyInput) =>
  reported(
    connection,
    Effect.gen(function* () {
      const source = yield* readSource(file)
      const program = Effect.gen(function* () {
        const result = yield* runForm(source, "caption", valueOf(timeout))
        if (result._tag !== "Caption") return yield* unexpected
        if (connection.json) yield* printJson({ file, caption: result.text })
        else yield* Effect.flatMap(Screen, ({ print }) => print(result.text))
      })
      yield* withHorde(connection, { journal }, cancelledOnInterrupt(program))
    })
  )

/**
 * Saves the result of an upscale in a folder, under a free name: `fox.webp` becomes `fox-2x.webp`. The metadata are kept.
 */
export const saveImage = (
  result: Alchemy.ImageResult,
  target: { readonly directory: string; readonly name: string; readonly source?: Uint8Array }
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    const { directory, name, source } = target
    const generation = source === undefined ? undefined : valueOf(Metadata.read(source))
    const bytes = generation === undefined ? undefined : Metadata.write(result.bytes, generation)
    for (let number = 1; ; number++) {
      const path = paths.join(directory, `${name}${number === 1 ? "" : `-${number}`}.${result.extension}`)
      const written = fs.writeFile(path, bytes ?? result.bytes, { flag: "wx" }).pipe(
        Effect.as(true),
        Effect.catchIf(
          (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
          () => Effect.succeed(false)
        ),
        Effect.mapError(() => local(`the file ${path} cannot be written`))
      )
      if (yield* written) return path
    }
  })

export interface UpscaleInput extends AlchemyInput {
  readonly factor: string
  readonly output: Option.Option<string>
}

export const upscale = ({ connection, factor, file, journal, output, timeout }: UpscaleInput) =>
  reported(
    connection,
    Effect.gen(function* () {
      const paths = yield* Path.Path
      const source = yield* readSource(file)
      const directory = valueOf(output) ?? paths.dirname(file)
      // before the job: its result could not be saved
      yield* makeFolder(directory)
      const program = Effect.gen(function* () {
        const form = factor === "4" ? "RealESRGAN_x4plus" : "RealESRGAN_x2plus"
        const result = yield* runForm(source, form, valueOf(timeout))
        if (result._tag !== "Image") return yield* unexpected
        const path = yield* saveImage(result, { directory, name: `${paths.parse(file).name}-${factor}x`, source })
        if (connection.json) {
          yield* printJson({ path, mediaType: result.mediaType, byteLength: result.bytes.byteLength })
        } else yield* Effect.flatMap(Screen, ({ print }) => print(path))
      })
      yield* withHorde(connection, { journal }, cancelledOnInterrupt(program))
    })
  )
