/** Makes an image job from a submit or from a ticket. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import { Download, type ImageFile } from "../../Download.js"
import type * as Endpoint from "../../Endpoint.js"
import { FollowUp } from "../../FollowUp.js"
import type * as HordeError from "../../HordeError.js"
import type { Job, Progress } from "../../Job.js"
import type { JobWatcher } from "../../JobWatcher.js"
import * as JobError from "../errors/jobErrors.js"
import * as jobs from "../jobs/job.js"
import { viewOf, withoutResults } from "../jobs/jobView.js"
import type { RequestStatusCheck } from "../jobs/models.js"
import type { Delivered } from "../jobs/results.js"
import type { Source } from "../jobs/source.js"
import type { Ticket } from "../jobs/ticket.js"
import type { WaitSettings } from "../jobs/waitSettings.js"
import type { Subscription } from "../jobs/watcher.js"
import { Cancel, Check, Status } from "./endpoints.js"
import type { GenerationStable, RequestStatusStable } from "./models/reply.js"
import { Picture, type PictureInfo } from "./picture.js"

/** A delivered image, and the effect that downloads it. */
export interface DeliveredImage {
  readonly generation: GenerationStable
  readonly file: Effect.Effect<ImageFile, JobError.DownloadFailed<never>>
}

/** Makes a result from a delivered image. */
export type MakeResult<Result> = jobs.MakeResult<DeliveredImage, Result>

/** The fields that a picture in memory and a saved picture have in common. */
export const imageInfo = (generation: GenerationStable): PictureInfo => ({
  id: generation.id,
  censored: generation.censored,
  seed: generation.seed,
  model: generation.model,
  workerId: generation.worker_id,
  workerName: generation.worker_name,
  metadata: generation.gen_metadata
})

export const asPicture: MakeResult<Picture> = ({ file, generation }) =>
  Effect.map(file, (file) => new Picture({ ...imageInfo(generation), ...file }))

const load: MakeResult<DeliveredImage> = ({ file, generation }) =>
  Effect.map(file, (file) => ({ generation, file: Effect.succeed(file) }))

const withoutId = new JobError.DownloadFailed<never>({
  reason: "Unavailable",
  message: "the server listed a result without an id",
  method: "GET",
  path: "/v2/generate/status/:id",
  partial: []
})

/** The images of a reply. */
export const imagesIn =
  (download: Download["Type"]) =>
  (
    { generations }: RequestStatusStable,
    share: Subscription<unknown, unknown, unknown>["share"]
  ): ReadonlyArray<Delivered<DeliveredImage>> =>
    generations.map((generation, index) => {
      const { id, img } = generation
      if (id === "") return { id: `(entry ${index + 1})`, open: Effect.fail(withoutId) }
      return { id, open: Effect.succeed({ generation, file: share(img, download.image(img)) }) }
    })

/**
 * The errors of the wait for a job, other than the errors of the job itself (`HordeError.JobError`). Transient errors
 * (a lost connection, an error page of a proxy, a server error) are retried until the deadline. A refusal ends the
 * wait, and so do replies that cannot be decoded for two minutes.
 *
 * @since 0.1.0
 * @category errors
 */
export type WaitError = Exclude<Endpoint.ErrorOf<typeof Check | typeof Status>, HordeError.NotFound>

/** Returns how a job is polled. */
const sourceOf = (
  ticket: Ticket,
  models: ReadonlyArray<string>
): Effect.Effect<
  Source<RequestStatusCheck, RequestStatusStable, DeliveredImage, WaitError>,
  never,
  Check | Status | Download
> =>
  Effect.gen(function* () {
    const params = { id: jobs.idOf(ticket) }
    const check = yield* Check
    const status = yield* Status
    return {
      ticket,
      models,
      path: Status.declaration.path,
      viewOf,
      checkOf: withoutResults,
      polls: { check: jobs.orNotFound(() => check({ params })), fetch: jobs.orNotFound(() => status({ params })) },
      resultsOf: imagesIn(yield* Download)
    }
  })

/** Follows a job that ends with the wait for it. If `Cancel` is in the context, the reply of the cancel is used too. */
export const followToEnd = (ticket: Ticket, models: ReadonlyArray<string>, settings: WaitSettings) =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket, models)
    return yield* jobs.followToEnd(jobs.withResults(source, asPicture), yield* Effect.serviceOption(Cancel), settings)
  })

/** The operations of a job that are not public. */
export interface JobInternals {
  /** Polls the job until its end, with any kind of result. */
  readonly stream: <Result>(
    makeResult: MakeResult<Result>,
    concurrency: number
  ) => Stream.Stream<Progress<Result, RequestStatusCheck>, WaitError | JobError.JobError<Result>>
  /** Keeps a job that is over in the journal until its results are `delivered`, even if its scope closes before. */
  readonly keep: Effect.Effect<void>
  /** Records that the results are stored. */
  readonly delivered: Effect.Effect<void>
}

export const jobInternals: unique symbol = Symbol.for("effect-horde/ImageJob/internals")

/**
 * A job that generates images.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageJob extends Job<Picture, RequestStatusCheck, WaitError> {
  /** For `save`. */
  readonly [jobInternals]: JobInternals
}

export const jobOf = (
  ticket: Ticket,
  models: ReadonlyArray<string>,
  settings: WaitSettings
): Effect.Effect<ImageJob, never, Check | Status | Cancel | Download | FollowUp | JobWatcher> =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket, models)
    const followUp = yield* FollowUp
    const { job, stream } = yield* jobs.openJob({
      source,
      settings,
      cancelCall: yield* Cancel,
      cancelPath: Cancel.declaration.path,
      makeResult: asPicture,
      load
    })
    const id = Redacted.value(ticket.id)
    return {
      ...job,
      [jobInternals]: {
        stream,
        keep: followUp.keep("image", id),
        delivered: followUp.delivered("image", id)
      }
    }
  })
