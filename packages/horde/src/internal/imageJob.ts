/** What makes an image job of a submit, or of a ticket. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Download, type ImageFile } from "../Download.js"
import * as Endpoint from "../Endpoint.js"
import { FollowUp } from "../FollowUp.js"
import type { ImageJob, WaitError } from "../ImageGeneration.js"
import { Cancel, Check, Status, Submit } from "../ImageGenerationEndpoints.js"
import type { GenerationStable } from "../ImageGenerationReply.js"
import type { GenerationInputStable } from "../ImageGenerationRequest.js"
import type { Progress, WaitOptions } from "../Job.js"
import * as JobError from "../JobError.js"
import { GenerationRequestId } from "../JobModels.js"
import { Picture } from "../Picture.js"
import { Ticket } from "../Ticket.js"
import { follow, type Source, Vanished } from "./follow.js"
import { type Delivered, lossOf, openAll, openAtOnce, succeeded, withFreshLinks } from "./opening.js"

export const deadlineOf = (options: WaitOptions, isSlow: boolean): Duration.Duration =>
  Duration.decode(options.deadline ?? (isSlow ? "60 minutes" : "20 minutes"))

const ticketFor = (id: string, expected: number, patience: Duration.Duration) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    Ticket.make({
      version: 1,
      kind: "image",
      id: Redacted.make(id),
      expected,
      submittedAt: DateTime.unsafeMake(now),
      deadline: DateTime.unsafeMake(now + Duration.toMillis(patience))
    })
  )

const idOf = (ticket: Ticket): GenerationRequestId => GenerationRequestId.make(Redacted.value(ticket.id))

export const start = (input: GenerationInputStable, options: WaitOptions) =>
  Effect.gen(function* () {
    const submitCall = yield* Submit
    const reply = yield* submitCall({ payload: input })
    const expected = Endpoint.resultsExpected(Submit, { payload: input })
    const ticket = yield* ticketFor(reply.id, expected, deadlineOf(options, input.extra_slow_workers === true))
    return { ticket, reply }
  })

type Fetched = Effect.Effect<ImageFile, JobError.DownloadFailed<never>>

/** Makes a result of what was delivered; the bytes are fetched when they are asked for. */
export type Opener<Result> = (
  generation: GenerationStable,
  file: Fetched
) => Effect.Effect<Result, JobError.DownloadFailed<never>>

/** What is told of a picture, however it is kept. */
export const factsOf = (generation: GenerationStable) => ({
  id: generation.id,
  censored: generation.censored,
  seed: generation.seed,
  model: generation.model,
  workerId: generation.worker_id,
  workerName: generation.worker_name,
  metadata: generation.gen_metadata
})

const pictureOf = (generation: GenerationStable, file: ImageFile): Picture =>
  new Picture({ ...factsOf(generation), ...file })

export const asPicture: Opener<Picture> = (generation, file) => Effect.map(file, (file) => pictureOf(generation, file))

export const deliveredBy =
  <Result>(download: Download["Type"], opener: Opener<Result>) =>
  (generation: GenerationStable): Delivered<Result> => ({
    id: generation.id,
    open: opener(generation, download.image(generation.img))
  })

/** A picture that came, of which other kinds of results can still be made. */
interface Salvaged {
  readonly generation: GenerationStable
  readonly file: ImageFile
}

const asSalvaged: Opener<Salvaged> = (generation, file) => Effect.map(file, (file) => ({ generation, file }))

/** How a job is looked at, whatever is made of its pictures. */
const looksAt = (ticket: Ticket) =>
  Effect.gen(function* () {
    const checkCall = yield* Check
    const statusCall = yield* Status
    const download = yield* Download
    const params = { id: idOf(ticket) }
    return <Result>(opener: Opener<Result>): Source<Result, WaitError> => {
      const delivered = deliveredBy(download, opener)
      return {
        ticket,
        path: Status.declaration.path,
        check: Effect.catchTag(checkCall({ params }), "NotFound", () => new Vanished()),
        fetch: statusCall({ params }).pipe(
          Effect.map((reply) => ({ check: reply, delivered: reply.generations.map(delivered) })),
          Effect.catchTag("NotFound", () => new Vanished())
        )
      }
    }
  })

export const sourceOf = (ticket: Ticket) => Effect.map(looksAt(ticket), (source) => source(asPicture))

export const resultsOf = <Result, E, R>(
  progress: Stream.Stream<Progress<Result> | { readonly _tag: "Submitted" }, E, R>
): Effect.Effect<ReadonlyArray<Result>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Result>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

/** What a job can do besides what its type shows. */
export interface Followed {
  /** Follows it to its end, with results of another kind than pictures in memory. */
  readonly stream: <Result>(
    opener: Opener<Result>,
    atOnce: number
  ) => Stream.Stream<Progress<Result>, WaitError | JobError.JobError<Result>>
  /** Its results are to be kept: what this scope does not finish is left to whoever recovers it. */
  readonly keep: Effect.Effect<void>
  /** Its results are in safe hands. */
  readonly delivered: Effect.Effect<void>
}

/** Where an image job keeps it. */
export const followed: unique symbol = Symbol.for("effect-horde/ImageJob/followed")

export const jobOf = (
  ticket: Ticket,
  options: WaitOptions
): Effect.Effect<ImageJob, never, Check | Status | Cancel | Download | FollowUp> =>
  Effect.gen(function* () {
    const source = yield* looksAt(ticket)
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

    const stream: Followed["stream"] = <Result>(opener: Opener<Result>, atOnce: number) =>
      Stream.unwrap(
        Effect.map(Effect.cached(untilCancelled(opener, atOnce)), (ended) => {
          // a job that is being cancelled looks short before the cancel's answer is there
          const isCancelled = cancelTurn.withPermits(1)(Deferred.isDone(cancelled))
          const judge = (error: JobError.JobFaulted<Result>) =>
            Effect.if(isCancelled, { onTrue: () => ended, onFalse: () => Effect.fail(error) })
          return follow(source(opener), options, atOnce).pipe(
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
      Effect.flatMap(({ generations }) => openAll(generations.map(deliveredBy(download, asSalvaged)), openAtOnce)),
      Effect.flatMap((opened) => {
        const look = Effect.map(source(asSalvaged).fetch, ({ delivered }) => delivered)
        return withFreshLinks(opened, openAtOnce, look)
      }),
      Effect.tap((opened) => Deferred.succeed(cancelled, [...succeeded(opened).values()])),
      Effect.flatMap((opened) => {
        const partial = Array.from(succeeded(opened).values(), ({ file, generation }) => pictureOf(generation, file))
        const loss = lossOf(opened)
        return loss === undefined
          ? Effect.succeed(partial)
          : Effect.fail(new JobError.DownloadFailed<Picture>({ ...about, ...loss, partial }))
      }),
      cancelTurn.withPermits(1)
    )

    const id = Redacted.value(ticket.id)
    const progress = stream(asPicture, openAtOnce)
    return {
      ticket,
      progress,
      result: resultsOf(progress),
      cancel: cancelJob,
      detach: Effect.as(followUp.detach("image", id), ticket),
      [followed]: {
        stream,
        keep: followUp.keep("image", id),
        delivered: followUp.delivered("image", id)
      }
    }
  })
