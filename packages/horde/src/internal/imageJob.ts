/** What makes an image job of a submit, or of a ticket. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Download } from "../Download.js"
import * as Endpoint from "../Endpoint.js"
import { FollowUp } from "../FollowUp.js"
import type { ImageJob, Progress, WaitError } from "../ImageGeneration.js"
import { Cancel, Check, Status, Submit } from "../ImageGenerationEndpoints.js"
import type { GenerationStable } from "../ImageGenerationReply.js"
import type { GenerationInputStable } from "../ImageGenerationRequest.js"
import type { WaitOptions } from "../Job.js"
import * as JobError from "../JobError.js"
import { GenerationRequestId } from "../JobModels.js"
import { Picture } from "../Picture.js"
import { Ticket } from "../Ticket.js"
import { type Delivered, follow, type Source, Vanished } from "./follow.js"

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

const deliveredBy =
  (download: Download["Type"]) =>
  (generation: GenerationStable): Delivered<Picture> => ({
    id: generation.id,
    open: Effect.map(
      download.image(generation.img),
      ({ bytes, mediaType }) =>
        new Picture({
          id: generation.id,
          bytes,
          mediaType,
          censored: generation.censored,
          seed: generation.seed,
          model: generation.model,
          workerId: generation.worker_id,
          workerName: generation.worker_name,
          metadata: generation.gen_metadata
        })
    )
  })

export const sourceOf = (ticket: Ticket) =>
  Effect.gen(function* () {
    const checkCall = yield* Check
    const statusCall = yield* Status
    const delivered = deliveredBy(yield* Download)
    const params = { id: idOf(ticket) }
    const source: Source<Picture, WaitError> = {
      ticket,
      path: Status.declaration.path,
      check: Effect.catchTag(checkCall({ params }), "NotFound", () => new Vanished()),
      fetch: statusCall({ params }).pipe(
        Effect.map((reply) => ({ check: reply, delivered: reply.generations.map(delivered) })),
        Effect.catchTag("NotFound", () => new Vanished())
      )
    }
    return source
  })

export const resultsOf = <E, R>(progress: Stream.Stream<Progress, E, R>): Effect.Effect<ReadonlyArray<Picture>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Picture>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

export const jobOf = (
  ticket: Ticket,
  options: WaitOptions
): Effect.Effect<ImageJob, never, Check | Status | Cancel | Download | FollowUp> =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket)
    const cancelCall = yield* Cancel
    const followUp = yield* FollowUp
    const delivered = deliveredBy(yield* Download)
    const cancelled = yield* Deferred.make<never, JobError.JobCancelled<Picture>>()
    const about = { method: "DELETE", path: Cancel.declaration.path, ticket }
    const cancelTurn = Effect.unsafeMakeSemaphore(1)
    const events: ImageJob["progress"] = follow(source, options).pipe(
      // a job that is being cancelled looks short before the cancel's answer is there
      Stream.catchTag("JobFaulted", (error) =>
        cancelTurn
          .withPermits(1)(Deferred.poll(cancelled))
          .pipe(
            Effect.flatMap(
              (ended): Effect.Effect<never, JobError.JobCancelled<Picture> | JobError.JobFaulted<Picture>> =>
                Option.getOrElse(ended, () => Effect.fail(error))
            ),
            Stream.fromEffect
          )
      ),
      Stream.interruptWhenDeferred(cancelled)
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
      Effect.flatMap((reply) => Effect.partition(reply.generations, (generation) => delivered(generation).open)),
      Effect.tap(([, partial]) =>
        Deferred.fail(
          cancelled,
          new JobError.JobCancelled<Picture>({ ...about, partial, message: "the job was cancelled by this program" })
        )
      ),
      Effect.flatMap(([[lost], partial]) =>
        lost === undefined
          ? Effect.succeed(partial)
          : Effect.fail(
              new JobError.DownloadFailed<Picture>({
                ...about,
                partial,
                reason: lost.reason,
                message: lost.message
              })
            )
      ),
      cancelTurn.withPermits(1)
    )

    return {
      ticket,
      progress: events,
      result: resultsOf(events),
      cancel: cancelJob,
      detach: Effect.as(followUp.detach("image", Redacted.value(ticket.id)), ticket)
    }
  })
