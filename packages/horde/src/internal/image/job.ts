/** What makes an image job of a submit, or of a ticket. */
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
import { serverForgetsAfter, serverForgetsSlowAfter } from "../limits/serverTimes.js"
import { Cancel, Check, Status, Submit } from "./endpoints.js"
import type { GenerationStable } from "./models/reply.js"
import type { GenerationInputStable } from "./models/request.js"
import { Picture } from "./picture.js"
import { viewOf } from "./view.js"

export const deadlineAfter = (now: number, settings: WaitSettings, isSlow: boolean): DateTime.Utc =>
  DateTime.unsafeMake(
    Math.min(now + (settings.deadline ?? (isSlow ? serverForgetsSlowAfter : serverForgetsAfter)), latest)
  )

const idOf = (ticket: Ticket): GenerationRequestId => GenerationRequestId.make(Redacted.value(ticket.id))

/** What a request says of how its job is to be waited for. It was checked when it was sent, if only for its shape. */
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

type Fetched = Effect.Effect<ImageFile, JobError.DownloadFailed<never>>

/** Makes a result of what was delivered; the bytes are fetched when they are asked for. */
export type Opener<Result> = (
  generation: GenerationStable,
  file: Fetched
) => Effect.Effect<Result, JobError.DownloadFailed<never>>

/** What is told of a picture, however it is kept. */
export const imageInfo = (generation: GenerationStable) => ({
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

export const asPicture: Opener<Picture> = (generation, file) => Effect.map(file, (file) => pictureOf(generation, file))

const withoutId = new JobError.DownloadFailed<never>({
  reason: "Unavailable",
  message: "the server listed a result without an id",
  method: "GET",
  path: "/v2/generate/status/:id",
  partial: []
})

export const deliveredBy =
  <Result>(download: Download["Type"], opener: Opener<Result>) =>
  (generation: GenerationStable, index: number): Delivered<Result> =>
    generation.id === ""
      ? { id: `(entry ${index + 1})`, open: Effect.fail(withoutId) }
      : { id: generation.id, open: opener(generation, download.image(generation.img)) }

/** A picture that came, of which other kinds of results can still be made. */
interface Salvaged {
  readonly generation: GenerationStable
  readonly file: ImageFile
}

const asSalvaged: Opener<Salvaged> = (generation, file) => Effect.map(file, (file) => ({ generation, file }))

/** How a job is polled, whatever is made of its pictures. */
const pollerFor = (ticket: Ticket, models: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const checkCall = yield* Check
    const statusCall = yield* Status
    const download = yield* Download
    const params = { id: idOf(ticket) }
    return <Result>(opener: Opener<Result>): Source<RequestStatusCheck, Result, WaitError> => {
      const delivered = deliveredBy(download, opener)
      return {
        ticket,
        models,
        path: Status.declaration.path,
        viewOf,
        check: Effect.catchTag(checkCall({ params }), "NotFound", () => new JobNotFound()),
        fetch: statusCall({ params }).pipe(
          Effect.map((reply) => ({ check: reply, delivered: reply.generations.map(delivered) })),
          Effect.catchTag("NotFound", () => new JobNotFound())
        ),
        cancel: Option.none()
      }
    }
  })

/** For a wait that ends with its job: where the endpoint is at hand, the reply of the cancel is used as well. */
export const sourceOf = (ticket: Ticket, models: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const source = (yield* pollerFor(ticket, models))(asPicture)
    const download = yield* Download
    const cancel = Option.map(yield* Effect.serviceOption(Cancel), (cancelCall) =>
      cancelCall({ params: { id: idOf(ticket) } }).pipe(
        Effect.map((reply) => ({ check: reply, delivered: reply.generations.map(deliveredBy(download, asPicture)) })),
        Effect.catchTag("NotFound", () => new JobNotFound())
      )
    )
    return { ...source, cancel }
  })

export const resultsOf = <Result, E, R>(
  progress: Stream.Stream<Progress<Result, unknown> | { readonly _tag: "Submitted" }, E, R>
): Effect.Effect<ReadonlyArray<Result>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Result>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

/** What a job can do besides what its type shows. */
export interface JobInternals {
  /** Follows it to its end, with results of another kind than pictures in memory. */
  readonly stream: <Result>(
    opener: Opener<Result>,
    atOnce: number
  ) => Stream.Stream<Progress<Result, RequestStatusCheck>, WaitError | JobError.JobError<Result>>
  /** Its results are to be kept: what this scope does not finish is left to whoever recovers it. */
  readonly keep: Effect.Effect<void>
  /** Its results are in safe hands. */
  readonly delivered: Effect.Effect<void>
}

/** Where an image job keeps it. */
export const jobInternals: unique symbol = Symbol.for("effect-horde/ImageJob/internals")

/**
 * What can go wrong while a job is waited for, besides what happens to the job itself. Passing troubles (a connection
 * that broke, a proxy's page, a server error) do not end the wait before the deadline does; a refusal does, and so do
 * replies that cannot be decoded for two minutes.
 *
 * @since 0.1.0
 * @category errors
 */
export type WaitError = Exclude<Endpoint.ErrorOf<typeof Check | typeof Status>, HordeError.NotFound>

/**
 * A job that draws pictures.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageJob extends Job<Picture, RequestStatusCheck, WaitError> {
  /** What `save` follows the job by. */
  readonly [jobInternals]: JobInternals
}

export const jobOf = (
  ticket: Ticket,
  models: ReadonlyArray<string>,
  settings: WaitSettings
): Effect.Effect<ImageJob, never, Check | Status | Cancel | Download | FollowUp> =>
  Effect.gen(function* () {
    const source = yield* pollerFor(ticket, models)
    const cancelCall = yield* Cancel
    const followUp = yield* FollowUp
    const download = yield* Download
    /** What there was when the job was cancelled. */
    const cancelled = yield* Deferred.make<ReadonlyArray<Salvaged>>()
    const about = { method: "DELETE", path: Cancel.declaration.path, ticket }
    const cancelTurn = Effect.unsafeMakeSemaphore(1)

    /** Fails once the job is cancelled, with what could still be made of its pictures. */
    const untilCancelled = <Result>(opener: Opener<Result>, atOnce: number) =>
      Effect.gen(function* () {
        const salvaged = yield* Deferred.await(cancelled)
        const [, partial] = yield* Effect.partition(
          salvaged,
          ({ file, generation }) => opener(generation, Effect.succeed(file)),
          { concurrency: atOnce }
        )
        const message = "the job was cancelled by this program"
        return yield* new JobError.JobCancelled<Result>({ ...about, partial, message })
      })

    const stream: JobInternals["stream"] = <Result>(opener: Opener<Result>, atOnce: number) =>
      Stream.unwrap(
        Effect.map(Effect.cached(untilCancelled(opener, atOnce)), (ended) => {
          // a job that is being cancelled looks short before the cancel's answer is there
          const isCancelled = cancelTurn.withPermits(1)(Deferred.isDone(cancelled))
          const judge = (error: JobError.JobFaulted<Result>) =>
            Effect.if(isCancelled, { onTrue: () => ended, onFalse: () => Effect.fail(error) })
          return follow(source(opener), settings, atOnce).pipe(
            Stream.catchTag("JobFaulted", (error) => Stream.fromEffect(judge(error))),
            Stream.interruptWhen(ended)
          )
        })
      )

    const cancelJob: ImageJob["cancel"] = cancelCall({ params: { id: idOf(ticket) } }).pipe(
      Effect.catchTag("NotFound", () =>
        Effect.fail(
          new JobError.JobExpired<Picture>({
            ...about,
            partial: [],
            message: "the server does not know the job any more"
          })
        )
      ),
      Effect.flatMap(({ generations }) =>
        downloadAll(generations.map(deliveredBy(download, asSalvaged)), defaultConcurrency)
      ),
      Effect.flatMap((opened) => {
        const look = Effect.map(source(asSalvaged).fetch, ({ delivered }) => delivered)
        return refreshExpiredLinks(opened, defaultConcurrency, look)
      }),
      Effect.tap((opened) => Deferred.succeed(cancelled, [...succeeded(opened).values()])),
      Effect.flatMap((opened) => {
        const partial = Array.from(succeeded(opened).values(), ({ file, generation }) => pictureOf(generation, file))
        const loss = firstFailure(opened)
        return loss === undefined
          ? Effect.succeed(partial)
          : Effect.fail(new JobError.DownloadFailed<Picture>({ ...about, ...loss, partial }))
      }),
      cancelTurn.withPermits(1)
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
