/**
 * How drawn pictures come into the hands of a program: as bytes, or as files.
 *
 * @since 0.1.0
 */
import type { FileSystem } from "@effect/platform/FileSystem"
import type { Path } from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { Download } from "../../Download.js"
import type * as Endpoint from "../../Endpoint.js"
import { DownloadFailed, type JobError } from "../errors/jobErrors.js"
import type { GenerationRequestId } from "../jobs/models.js"
import { defaultConcurrency, downloadAll, firstFailure, refreshExpiredLinks, succeeded } from "../jobs/results.js"
import { Status } from "./endpoints.js"
import { openDirectory } from "./imageFiles.js"
import { asPicture, deliveredBy, type ImageJob, jobInternals, resultsOf, type WaitError } from "./job.js"
import type { Picture, SavedPicture } from "./picture.js"
import { asSaved, directoryRefused } from "./saveImages.js"

const about = { method: "GET", path: Status.declaration.path }

/**
 * The pictures that a job has by now, without waiting for others. A link that has expired is asked for once more.
 *
 * To wait for all of them, take `job.result` or {@link save}.
 *
 * @since 0.1.0
 * @category functions
 */
export const download = (
  id: GenerationRequestId,
  options: {
    /** How many are fetched at once. 4 by default. */
    readonly concurrency?: number
  } = {}
): Effect.Effect<
  ReadonlyArray<Picture>,
  Endpoint.ErrorOf<typeof Status> | DownloadFailed<Picture>,
  Status | Download
> =>
  Effect.gen(function* () {
    const atOnce = options.concurrency ?? defaultConcurrency
    const delivered = deliveredBy(yield* Download, asPicture)
    const statusCall = yield* Status
    const look = Effect.map(statusCall({ params: { id } }), ({ generations }) => generations.map(delivered))
    const once = yield* downloadAll(yield* look, atOnce)
    const opened = yield* refreshExpiredLinks(once, atOnce, look)
    const pictures = [...succeeded(opened).values()]
    const loss = firstFailure(opened)
    if (loss === undefined) return pictures
    return yield* new DownloadFailed<Picture>({ ...about, ...loss, partial: pictures })
  })

/**
 * Where pictures are saved, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface SaveOptions {
  /** Made where it is not there, parents included. Where that fails, or it is not writable, nothing is waited for. */
  readonly directory: string
  /** How many pictures are fetched and written at once, and so are in memory together. 4 by default. */
  readonly concurrency?: number
}

const lostForGood: ReadonlySet<string> = new Set(["Unavailable", "NotAnImage", "TooLarge"])

/** Whether another look at a job that ended like this would come to the same. */
const isFinal = (error: WaitError | JobError<SavedPicture>): boolean =>
  error._tag === "JobFaulted" || (error._tag === "DownloadFailed" && lostForGood.has(error.reason))

/**
 * Waits for a job as `job.result` does, and puts each picture into a file of its own, named by its id:
 * `directory/<id>.webp`. A file is there whole or not at all, whatever happens meanwhile, and is safe from a power cut
 * when this returns.
 *
 * A picture whose complete file is there is not fetched again. So what was cut short, by a crash too, is finished by resuming the
 * job and saving it once more, and nothing comes twice. A picture that cannot be had, or written, leaves the others: the
 * error's `partial` has them.
 *
 * @since 0.1.0
 * @category functions
 */
export const save = (
  job: ImageJob,
  options: SaveOptions
): Effect.Effect<ReadonlyArray<SavedPicture>, WaitError | JobError<SavedPicture>, FileSystem | Path> =>
  Effect.gen(function* () {
    const { delivered, keep, stream } = job[jobInternals]
    yield* keep
    const { directory } = options
    const files = yield* Effect.mapError(openDirectory(directory), (error) => {
      const { message, reason } = directoryRefused(directory, error)
      return new DownloadFailed<SavedPicture>({ ...about, reason, message, partial: [], ticket: job.ticket })
    })
    const saved = yield* resultsOf(stream(asSaved(files, directory), options.concurrency ?? defaultConcurrency)).pipe(
      // a later attempt would fetch no more results
      Effect.tapError((error) => (isFinal(error) ? delivered : Effect.void))
    )
    yield* delivered
    return saved
  })
