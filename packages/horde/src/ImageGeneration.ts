/**
 * Pictures: submit, follow, fetch, cancel.
 *
 * {@link generate} does it all. {@link progress} tells how it goes, {@link submit} gives the job itself into the hands
 * of the program, and {@link resume} opens one that was started elsewhere. However they end, no job is left running by
 * accident.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as Effect from "effect/Effect"
 *
 * export const draw = Effect.gen(function* () {
 *   const [picture] = yield* ImageGeneration.generate({ prompt: "a lighthouse at dusk", params: { steps: 20 } })
 *   return picture?.bytes
 * })
 * ```
 *
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Download, layer as downloadLayer } from "./Download.js"
import * as Endpoint from "./Endpoint.js"
import { FollowUp } from "./FollowUp.js"
import type { HordeClient } from "./HordeClient.js"
import * as HordeError from "./HordeError.js"
import { type GenerationStable, PriceReply, RequestAsyncStable, RequestStatusStable } from "./ImageGenerationReply.js"
import { GenerationInputStable } from "./ImageGenerationRequest.js"
import { type Delivered, follow, type Source, Vanished } from "./internal/follow.js"
import type { Job, Progress as JobProgress, WaitOptions } from "./Job.js"
import { GenerationRequestId, isOver, RequestStatusCheck } from "./JobModels.js"
import { Picture } from "./Picture.js"
import { Ticket } from "./Ticket.js"

export {
  GenerationStable,
  hashGenerations,
  RequestAsyncStable,
  RequestStatusStable,
  sameGenerations
} from "./ImageGenerationReply.js"
export { GenerationInputStable, ModelGenerationInputStable, request } from "./ImageGenerationRequest.js"
export { acceptPartial } from "./Job.js"
export { GenerationRequestId, isOver, isPossible, RequestStatusCheck } from "./JobModels.js"
export { Picture } from "./Picture.js"

const submitErrors = [
  HordeError.Unauthorized,
  HordeError.Forbidden,
  HordeError.KudosRefused,
  HordeError.NotFound,
  HordeError.TooManyJobs,
  HordeError.Maintenance
] as const

/** Submits and prices count together: they are one route. */
const submitLimits = [
  { max: 90, per: "1 minute", key: "path" },
  { max: 2, per: "1 second", key: "path" },
  { max: 2, per: "1 second", key: "apiKey" }
] as const

/**
 * `DELETE /v2/generate/status/{id}`: cancels. Pictures that no worker took are dropped; one that is being drawn may
 * still be delivered, and paid. The reply has what was finished, and shows the counts from before the cancel.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Cancel extends Endpoint.Service<Cancel>()("ImageGeneration/Cancel", {
  method: "DELETE",
  path: "/v2/generate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusStable },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 minute", key: "path" }],
  followUp: { _tag: "Cancels", job: "image" }
}) {}

/**
 * `POST /v2/generate/async`: submits a request. The job belongs to the scope that it is submitted in, and is cancelled
 * when that closes before it is over.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Submit extends Endpoint.Service<Submit>()("ImageGeneration/Submit", {
  method: "POST",
  path: "/v2/generate/async",
  payload: GenerationInputStable,
  success: { 202: RequestAsyncStable },
  error: submitErrors,
  apiKey: "required",
  idempotent: false,
  limits: submitLimits,
  resultsExpected: (payload: GenerationInputStable) => payload.params?.n ?? 1,
  followUp: {
    _tag: "Starts",
    job: "image",
    id: (reply: RequestAsyncStable) => reply.id,
    cancel: Cancel.declaration
  }
}) {}

const PriceInput: Schema.Schema<GenerationInputStable, GenerationInputStable & { readonly dry_run: true }> =
  Schema.transform(
    Schema.extend(GenerationInputStable, Schema.Struct({ dry_run: Schema.Literal(true) })),
    GenerationInputStable,
    {
      strict: true,
      decode: ({ dry_run: _, ...input }) => input,
      encode: (input) => ({ ...input, dry_run: true as const })
    }
  ).annotations({ identifier: "GenerationInputStable" })

/**
 * `POST /v2/generate/async` with `dry_run`: says what a request would cost, and starts nothing. The server may answer
 * from a cache, without a look at the key.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Price extends Endpoint.Service<Price>()("ImageGeneration/Price", {
  method: "POST",
  path: "/v2/generate/async",
  payload: PriceInput,
  success: { 200: PriceReply },
  error: submitErrors,
  apiKey: "required",
  idempotent: true,
  limits: submitLimits,
  resultsExpected: () => 0
}) {}

/**
 * `GET /v2/generate/check/{id}`: how a job stands. Cheap; the answer may be a second old.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Check extends Endpoint.Service<Check>()("ImageGeneration/Check", {
  method: "GET",
  path: "/v2/generate/check/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusCheck },
  error: [HordeError.NotFound, HordeError.Forbidden],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 second", key: "path" }],
  followUp: { _tag: "Settles", job: "image", isOver }
}) {}

/**
 * `GET /v2/generate/status/{id}`: how a job stands, with the pictures that are there. Ten times a minute for each job.
 *
 * @since 0.1.0
 * @category endpoints
 */
export class Status extends Endpoint.Service<Status>()("ImageGeneration/Status", {
  method: "GET",
  path: "/v2/generate/status/:id",
  params: { id: GenerationRequestId },
  success: { 200: RequestStatusStable },
  error: [HordeError.NotFound],
  apiKey: "none",
  idempotent: true,
  limits: [{ max: 10, per: "1 minute", key: "path" }],
  followUp: { _tag: "Settles", job: "image", isOver }
}) {}

/**
 * What a request would cost, in kudos, for all its pictures together.
 *
 * @since 0.1.0
 * @category functions
 */
export const price = (
  request: GenerationInputStable
): Effect.Effect<PriceReply, Endpoint.ErrorOf<typeof Price>, Price> =>
  Effect.flatMap(Price, (call) => call({ payload: request }))

/**
 * How a job stands now.
 *
 * @since 0.1.0
 * @category functions
 */
export const check = (
  id: GenerationRequestId
): Effect.Effect<RequestStatusCheck, Endpoint.ErrorOf<typeof Check>, Check> =>
  Effect.flatMap(Check, (call) => call({ params: { id } }))

/**
 * How a job stands now, with the pictures that are there, as the server gives them.
 *
 * @since 0.1.0
 * @category functions
 */
export const status = (
  id: GenerationRequestId
): Effect.Effect<RequestStatusStable, Endpoint.ErrorOf<typeof Status>, Status> =>
  Effect.flatMap(Status, (call) => call({ params: { id } }))

/**
 * Cancels a job. The reply has the pictures that were finished.
 *
 * @since 0.1.0
 * @category functions
 */
export const cancel = (
  id: GenerationRequestId
): Effect.Effect<RequestStatusStable, Endpoint.ErrorOf<typeof Cancel>, Cancel> =>
  Effect.flatMap(Cancel, (call) => call({ params: { id } }))

/**
 * What can go wrong while a job is waited for, besides what happens to the job itself. Passing troubles do not end the
 * wait; only ten of them in a row do.
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
export type ImageJob = Job<Picture, WaitError>

/**
 * What happens while pictures are drawn; `Submitted` is the first.
 *
 * @since 0.1.0
 * @category models
 */
export type Progress =
  | { readonly _tag: "Submitted"; readonly ticket: Ticket; readonly reply: RequestAsyncStable }
  | JobProgress<Picture>

const deadlineOf = (options: WaitOptions, isSlow: boolean): Duration.Duration =>
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

const start = (input: GenerationInputStable, options: WaitOptions) =>
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

const sourceOf = (ticket: Ticket) =>
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

const resultsOf = <E, R>(progress: Stream.Stream<Progress, E, R>): Effect.Effect<ReadonlyArray<Picture>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Picture>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

const jobOf = (
  ticket: Ticket,
  options: WaitOptions
): Effect.Effect<ImageJob, never, Check | Status | Cancel | Download | FollowUp> =>
  Effect.gen(function* () {
    const source = yield* sourceOf(ticket)
    const cancelCall = yield* Cancel
    const followUp = yield* FollowUp
    const delivered = deliveredBy(yield* Download)
    const cancelled = yield* Deferred.make<never, HordeError.JobCancelled<Picture>>()
    const about = { method: "DELETE", path: Cancel.declaration.path, ticket }
    const events: ImageJob["progress"] = Stream.interruptWhenDeferred(follow(source, options), cancelled)

    const cancelJob: ImageJob["cancel"] = cancelCall({ params: { id: idOf(ticket) } }).pipe(
      Effect.catchTag("NotFound", () =>
        Effect.fail(
          new HordeError.JobExpired<Picture>({
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
          new HordeError.JobCancelled<Picture>({ ...about, partial, message: "the job was cancelled by this program" })
        )
      ),
      Effect.flatMap(([[lost], partial]) =>
        lost === undefined
          ? Effect.succeed(partial)
          : Effect.fail(
              new HordeError.DownloadFailed<Picture>({
                ...about,
                partial,
                reason: lost.reason,
                message: lost.message
              })
            )
      )
    )

    return {
      ticket,
      progress: events,
      result: resultsOf(events),
      cancel: cancelJob,
      detach: Effect.as(followUp.detach("image", Redacted.value(ticket.id)), ticket)
    }
  })

/**
 * Submits a request, and gives the job into the hands of the program. It is cancelled when the scope closes before it is
 * over.
 *
 * @since 0.1.0
 * @category functions
 */
export const submit = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Effect.Effect<
  ImageJob & { readonly reply: RequestAsyncStable },
  Endpoint.ErrorOf<typeof Submit>,
  Submit | Check | Status | Cancel | Download | FollowUp | Scope.Scope
> =>
  Effect.gen(function* () {
    const { reply, ticket } = yield* start(input, options)
    return { ...(yield* jobOf(ticket, options)), reply }
  })

/**
 * Opens a job again, here or in another process, and ties it to the scope as {@link submit} does. The server knows a
 * job for about 20 minutes after its last delivery. A deadline counts from now.
 *
 * @since 0.1.0
 * @category functions
 */
export const resume = (
  ticket: Ticket,
  options: WaitOptions = {}
): Effect.Effect<ImageJob, HordeError.InvalidRequest, Check | Status | Cancel | Download | FollowUp | Scope.Scope> =>
  Effect.gen(function* () {
    const { method, path } = Status.declaration
    if (ticket.kind !== "image") {
      const errors = { "ticket.kind": "must be image" }
      return yield* Effect.fail(
        new HordeError.InvalidRequest({ method, path, errors, message: "ticket.kind: must be image" })
      )
    }
    const now = yield* DateTime.now
    const deadline = DateTime.addDuration(now, deadlineOf(options, false))
    const followUp = yield* FollowUp
    yield* followUp.adopt(Submit.declaration.followUp, ticket.id)
    return yield* jobOf(Ticket.make({ ...ticket, deadline }), options)
  })

/**
 * Draws pictures, and tells how it goes. A stream that is dropped before its end cancels the job. A stream that several
 * share (`Stream.share`) does so with its last consumer; one that is broadcast goes on until the surrounding scope
 * closes.
 *
 * @since 0.1.0
 * @category functions
 */
export const progress = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Stream.Stream<
  Progress,
  Endpoint.ErrorOf<typeof Submit> | WaitError | HordeError.JobError<Picture>,
  Submit | Check | Status | Download
> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { reply, ticket } = yield* start(input, options)
      const source = yield* sourceOf(ticket)
      return Stream.concat(Stream.succeed<Progress>({ _tag: "Submitted", ticket, reply }), follow(source, options))
    })
  )

/**
 * Draws pictures: submits, waits, fetches. Whatever ends it early (a failure, an interruption, a deadline) cancels the
 * job; the pictures that had arrived are in the error.
 *
 * @since 0.1.0
 * @category functions
 */
export const generate = (
  input: GenerationInputStable,
  options: WaitOptions = {}
): Effect.Effect<
  ReadonlyArray<Picture>,
  Endpoint.ErrorOf<typeof Submit> | WaitError | HordeError.JobError<Picture>,
  Submit | Check | Status | Download
> => resultsOf(progress(input, options))

/**
 * All endpoints of this resource, and the download of what they deliver.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Submit | Price | Check | Status | Cancel | Download,
  never,
  HordeClient | FollowUp | HttpClient
> = Layer.mergeAll(Submit.layer, Price.layer, Check.layer, Status.layer, Cancel.layer, downloadLayer())
