/**
 * Downloads and saves the pictures of a job.
 *
 * @since 0.1.0
 */
import type { FileSystem } from "@effect/platform/FileSystem"
import type { Path } from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Download } from "../../Download.js"
import type * as Endpoint from "../../Endpoint.js"
import { DownloadFailed, type JobError } from "../errors/jobErrors.js"
import { makeAll, resultsOf, unshared } from "../jobs/job.js"
import type { GenerationRequestId, RequestStatusCheck } from "../jobs/models.js"
import { defaultConcurrency, downloadAll, firstFailure, refreshExpiredLinks, succeeded } from "../jobs/results.js"
import { Status } from "./endpoints.js"
import { openDirectory } from "./imageFiles.js"
import { asPicture, type ImageJob, imagesIn, jobInternals, type WaitError } from "./job.js"
import type { Picture, PictureInfo, SavedPicture } from "./picture.js"
import { asSaved, directoryNotWritable } from "./saveImages.js"

const errorFields = { method: "GET", path: Status.declaration.path }

/**
 * Downloads the pictures that are delivered already. It does not wait for the others: for all pictures of a job use
 * `job.result` or {@link save}. A link that has expired is refreshed once.
 *
 * @since 0.1.0
 * @category functions
 */
export const download = (
  id: GenerationRequestId,
  options: {
    /** The number of concurrent downloads; 4 by default. */
    readonly concurrency?: number
  } = {}
): Effect.Effect<
  ReadonlyArray<Picture>,
  Endpoint.ErrorOf<typeof Status> | DownloadFailed<Picture>,
  Status | Download
> =>
  Effect.gen(function* () {
    const concurrency = options.concurrency ?? defaultConcurrency
    const images = imagesIn(yield* Download)
    const statusCall = yield* Status
    const fetchDelivered = Effect.map(statusCall({ params: { id } }), (reply) =>
      makeAll(asPicture)(images(reply, unshared))
    )
    const downloaded = yield* downloadAll(yield* fetchDelivered, concurrency)
    const opened = yield* refreshExpiredLinks(downloaded, concurrency, fetchDelivered)
    const pictures = [...succeeded(opened).values()]
    const failure = firstFailure(opened)
    if (failure === undefined) return pictures
    return yield* new DownloadFailed<Picture>({ ...errorFields, ...failure, partial: pictures })
  })

/**
 * The options of {@link save}.
 *
 * @since 0.1.0
 * @category models
 */
export interface SaveOptions<out R = never> {
  /**
   * The directory for the files. It is created if it is missing, with its parents. If it is not writable, `save` fails
   * at once.
   */
  readonly directory: string
  /**
   * The number of pictures that are downloaded and written concurrently, and so are in memory together; 4 by default.
   */
  readonly concurrency?: number
  /**
   * The name of a picture's file, without its extension: 1 to 100 letters, digits, `-` or `_`. The picture's id by
   * default. It must be the same in each run and differ between pictures: a picture whose file exists counts as saved.
   */
  readonly name?: (picture: PictureInfo) => string
  /** Runs after each check of the job, and for each saved picture. */
  readonly onProgress?: (event: SaveProgress) => Effect.Effect<void, never, R>
}

/**
 * The events of {@link save}.
 *
 * @since 0.1.0
 * @category models
 */
export type SaveProgress =
  | { readonly _tag: "Checked"; readonly check: RequestStatusCheck }
  | { readonly _tag: "Saved"; readonly picture: SavedPicture }

const permanentReasons: ReadonlySet<string> = new Set(["Unavailable", "NotAnImage", "TooLarge"])

/** Whether another `save` of the job would fail in the same way. */
const isFinal = (error: WaitError | JobError<SavedPicture>): boolean =>
  error._tag === "JobFaulted" || (error._tag === "DownloadFailed" && permanentReasons.has(error.reason))

/**
 * Waits for a job like `job.result`, and saves each picture in its own file: `directory/<id>.webp`, or under the name of
 * the option `name`. Files are written atomically: each is complete or missing, even after a crash or a power failure.
 * When this returns, they are durable.
 *
 * With the option `results: "as they arrive"` of the job, pictures are saved while others are still generated. A stream of
 * `job.progress` shares the polls and downloads.
 *
 * A picture whose complete file exists is not downloaded again. So after an interruption or a crash, resume the job and
 * save it again: only the missing pictures are downloaded. If some pictures cannot be downloaded or written, the others
 * are saved, and the error has them in `partial`.
 *
 * @since 0.1.0
 * @category functions
 */
export const save = <R = never>(
  job: ImageJob,
  options: SaveOptions<R>
): Effect.Effect<ReadonlyArray<SavedPicture>, WaitError | JobError<SavedPicture>, FileSystem | Path | R> =>
  Effect.gen(function* () {
    const { delivered, keep, stream } = job[jobInternals]
    yield* keep
    const { concurrency = defaultConcurrency, directory, name = ({ id }: PictureInfo) => id, onProgress } = options
    const files = yield* Effect.mapError(openDirectory(directory), (error) => {
      const { message, reason } = directoryNotWritable(directory, error)
      return new DownloadFailed<SavedPicture>({ ...errorFields, reason, message, partial: [], ticket: job.ticket })
    })
    const context = yield* Effect.context<R>()
    const report = (event: SaveProgress): Effect.Effect<void> =>
      onProgress === undefined ? Effect.void : Effect.provide(onProgress(event), context)
    const makeResult = asSaved(files, directory, name, (picture) => report({ _tag: "Saved", picture }))
    const progress = Stream.tap(stream(makeResult, concurrency), (event) =>
      event._tag === "Checked" ? report(event) : Effect.void
    )
    // a later attempt would fetch no more results
    const saved = yield* Effect.tapError(resultsOf(progress), (error) => (isFinal(error) ? delivered : Effect.void))
    yield* delivered
    return saved
  })
