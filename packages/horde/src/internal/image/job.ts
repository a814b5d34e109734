/** Makes an image job from a submit or from a ticket. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Download, type ImageFile } from "../../Download.js"
import type * as Endpoint from "../../Endpoint.js"
import { FollowUp } from "../../FollowUp.js"
import type * as HordeError from "../../HordeError.js"
import type { Job, Progress, WaitOptions } from "../../Job.js"
import { JobWatcher } from "../../JobWatcher.js"
import { resultsOf as requestedResults } from "../call/encodeRequest.js"
import * as JobError from "../errors/jobErrors.js"
import { follow, JobNotFound, type Source } from "../jobs/follow.js"
import { GenerationRequestId, type RequestStatusCheck } from "../jobs/models.js"
import {
  type Delivered,
  defaultConcurrency,
  downloadAll,
  firstFailure,
  refreshExpiredLinks,
  succeeded
} from "../jobs/results.js"
import { Ticket } from "../jobs/ticket.js"
import { latest, type WaitSettings, waitSettings } from "../jobs/waitSettings.js"
import type { Subscription } from "../jobs/watcher.js"
import { serverForgetsAfter, serverForgetsSlowAfter } from "../limits/serverTimes.js"
import { Cancel, Check, Status, Submit } from "./endpoints.js"
import type { GenerationStable, RequestStatusStable } from "./models/reply.js"
import type { GenerationInputStable } from "./models/request.js"
import { Picture, type PictureInfo } from "./picture.js"
import { viewOf } from "./view.js"

export const deadlineAfter = (now: number, settings: WaitSettings, isSlow: boolean): DateTime.Utc =>
  DateTime.unsafeMake(
    Math.min(now + (settings.deadline ?? (isSlow ? serverForgetsSlowAfter : serverForgetsAfter)), latest)
  )

const idOf = (ticket: Ticket): GenerationRequestId => GenerationRequestId.make(Redacted.value(ticket.id))

/** The fields of a request that affect the wait for its job. */
const readRequest = (input: GenerationInputStable) => ({
  isSlow: input.extra_slow_workers === true,
  models: (input.models ?? []).filter(Predicate.isString)
})

export const start = (input: GenerationInputStable, options: WaitOptions) =>
  Effect.gen(function* () {
    const settings = yield* waitSettings(options, Submit.declaration)
    const submitCall = yield* Submit
    const reply = yield* submitCall({ payload: input })
    const { isSlow, models } = readRequest(input)
    const results = requestedResults(Submit.declaration, input)
    const now = yield* Clock.currentTimeMillis
    const ticket = Ticket.make({
      version: 1,
      kind: "image",
      id: Redacted.make(reply.id),
      expected: Math.max(1, results),
      submittedAt: DateTime.unsafeMake(now),
      deadline: deadlineAfter(now, settings, isSlow)
    })
    return { ticket, reply, models, settings }
  })

/** Makes a result from a delivered image. The effect `file` downloads the image. */
export type MakeResult<Result> = (
  generation: GenerationStable,
  file: Effect.Effect<ImageFile, JobError.DownloadFailed<never>>
) => Effect.Effect<Result, JobError.DownloadFailed<never>>

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

const pictureOf = (generation: GenerationStable, file: ImageFile): Picture =>
  new Picture({ ...imageInfo(generation), ...file })

export const asPicture: MakeResult<Picture> = (generation, file) =>
  Effect.map(file, (file) => pictureOf(generation, file))

const withoutId = new JobError.DownloadFailed<never>({
  reason: "Unavailable",
  message: "the server listed a result without an id",
  method: "GET",
  path: "/v2/generate/status/:id",
  partial: []
})

type Share = Subscription<unknown, unknown, unknown>["share"]

/** Runs each download separately. */
export const unshared: Share = (_, effect) => effect

/** The results of a reply, with effects that download them. */
export const resultsIn =
  <Result>(download: Download["Type"], makeResult: MakeResult<Result>) =>
  ({ generations }: RequestStatusStable, share: Share): ReadonlyArray<Delivered<Result>> =>
    generations.map((generation, index) =>
      generation.id === ""
        ? { id: `(entry ${index + 1})`, open: Effect.fail(withoutId) }
        : { id: generation.id, open: makeResult(generation, share(generation.img, download.image(generation.img))) }
    )

/** A downloaded picture, from which any kind of result can be made. */
interface Downloaded {
  readonly generation: GenerationStable
  readonly file: ImageFile
}

const asDownloaded: MakeResult<Downloaded> = (generation, file) => Effect.map(file, (file) => ({ generation, file }))

type ImageSource<Result> = Source<RequestStatusCheck, RequestStatusStable, Result, WaitError>

const isNotFound = <E>(error: E | HordeError.NotFound): error is HordeError.NotFound =>
  Predicate.isTagged(error, "NotFound")

const orNotFound = <A, E>(
  call: Effect.Effect<A, E | HordeError.NotFound>
): Effect.Effect<A, Exclude<E, HordeError.NotFound> | JobNotFound> =>
  Effect.catchIf(call, isNotFound, () => new JobNotFound())

/** Returns how a job is polled, for any kind of result. */
const sourceFor = (ticket: Ticket, models: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const params = { id: idOf(ticket) }
    const polls = { check: orNotFound((yield* Check)({ params })), fetch: orNotFound((yield* Status)({ params })) }
    const download = yield* Download
    return <Result>(makeResult: MakeResult<Result>): ImageSource<Result> => ({
      ticket,
      models,
      path: Status.declaration.path,
      viewOf,
      polls,
      resultsOf: resultsIn(download, makeResult),
      cancel: Option.none()
    })
  })

/** Follows a job that ends with the wait for it. If `Cancel` is in the context, the reply of the cancel is used too. */
export const followToEnd = (ticket: Ticket, models: ReadonlyArray<string>, settings: WaitSettings) =>
  Effect.gen(function* () {
    const source = (yield* sourceFor(ticket, models))(asPicture)
    const cancel = Option.map(yield* Effect.serviceOption(Cancel), (cancelCall) =>
      orNotFound(cancelCall({ params: { id: idOf(ticket) } }))
    )
    return follow(yield* JobWatcher, { ...source, cancel }, settings)
  })

export const resultsOf = <Result, E, R>(
  progress: Stream.Stream<Progress<Result, unknown> | { readonly _tag: "Submitted" }, E, R>
): Effect.Effect<ReadonlyArray<Result>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Result>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

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
 * The errors of the wait for a job, other than the errors of the job itself (`HordeError.JobError`). Transient errors
 * (a lost connection, an error page of a proxy, a server error) are retried until the deadline. A refusal ends the
 * wait, and so do replies that cannot be decoded for two minutes.
 *
 * @since 0.1.0
 * @category errors
 */
export type WaitError = Exclude<Endpoint.ErrorOf<typeof Check | typeof Status>, HordeError.NotFound>

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
    const source = yield* sourceFor(ticket, models)
    const watcher = yield* JobWatcher
    const cancelCall = yield* Cancel
    const followUp = yield* FollowUp
    const downloaded = source(asDownloaded)
    const downloadedIn = (reply: RequestStatusStable) => downloaded.resultsOf(reply, unshared)
    /** The pictures that were delivered before the cancel. Completed by the cancel. */
    const cancelled = yield* Deferred.make<ReadonlyArray<Downloaded>>()
    const errorFields = { method: "DELETE", path: Cancel.declaration.path, ticket }
    const cancelLock = Effect.unsafeMakeSemaphore(1)

    /** Waits for the cancel of the job. Then fails with the results that can be made from the delivered pictures. */
    const untilCancelled = <Result>(makeResult: MakeResult<Result>, concurrency: number) =>
      Effect.gen(function* () {
        const [, partial] = yield* Effect.partition(
          yield* Deferred.await(cancelled),
          ({ file, generation }) => makeResult(generation, Effect.succeed(file)),
          { concurrency }
        )
        const message = "the job was cancelled by this program"
        return yield* new JobError.JobCancelled<Result>({ ...errorFields, partial, message })
      })

    const stream: JobInternals["stream"] = <Result>(makeResult: MakeResult<Result>, concurrency: number) =>
      Stream.unwrap(
        Effect.map(Effect.cached(untilCancelled(makeResult, concurrency)), (failOnceCancelled) => {
          // during a cancel, a poll may see a job with missing results before the cancel has its reply
          const isCancelled = cancelLock.withPermits(1)(Deferred.isDone(cancelled))
          const failureOf = (error: JobError.JobFaulted<Result>) =>
            Effect.if(isCancelled, { onTrue: () => failOnceCancelled, onFalse: () => Effect.fail(error) })
          return follow(watcher, source(makeResult), settings, concurrency).progress.pipe(
            Stream.catchTag("JobFaulted", (error) => Stream.fromEffect(failureOf(error))),
            Stream.interruptWhen(failOnceCancelled)
          )
        })
      )

    const cancelJob: ImageJob["cancel"] = cancelCall({ params: { id: idOf(ticket) } }).pipe(
      Effect.catchTag("NotFound", () =>
        Effect.fail(
          new JobError.JobExpired<Picture>({
            ...errorFields,
            partial: [],
            message: "the server has deleted the job"
          })
        )
      ),
      Effect.flatMap((reply) => downloadAll(downloadedIn(reply), defaultConcurrency)),
      Effect.flatMap((opened) =>
        refreshExpiredLinks(opened, defaultConcurrency, Effect.map(downloaded.polls.fetch, downloadedIn))
      ),
      Effect.tap((opened) => Deferred.succeed(cancelled, [...succeeded(opened).values()])),
      Effect.flatMap((opened) => {
        const partial = Array.from(succeeded(opened).values(), ({ file, generation }) => pictureOf(generation, file))
        const failure = firstFailure(opened)
        return failure === undefined
          ? Effect.succeed(partial)
          : Effect.fail(new JobError.DownloadFailed<Picture>({ ...errorFields, ...failure, partial }))
      }),
      cancelLock.withPermits(1)
    )

    const id = Redacted.value(ticket.id)
    const progress = stream(asPicture, defaultConcurrency)
    return {
      ticket,
      progress,
      result: resultsOf(progress),
      cancel: cancelJob,
      detach: Effect.as(followUp.detach("image", id), ticket),
      [jobInternals]: {
        stream,
        keep: followUp.keep("image", id),
        delivered: followUp.delivered("image", id)
      }
    }
  })
