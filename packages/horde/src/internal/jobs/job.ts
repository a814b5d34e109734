/** Makes a job of any kind from how it is polled. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { FollowUp } from "../../FollowUp.js"
import type * as HordeError from "../../HordeError.js"
import type { Job, Progress } from "../../Job.js"
import { JobWatcher } from "../../JobWatcher.js"
import * as JobError from "../errors/jobErrors.js"
import { type Following, progressOf } from "./follow.js"
import { GenerationRequestId } from "./models.js"
import {
  type Delivered,
  defaultConcurrency,
  downloadAll,
  firstFailure,
  refreshExpiredLinks,
  succeeded
} from "./results.js"
import { JobNotFound, type PollError, type Source } from "./source.js"
import type { Ticket } from "./ticket.js"
import type { WaitSettings } from "./waitSettings.js"
import type { Subscription } from "./watcher.js"

type Share = Subscription<unknown, unknown, unknown>["share"]

/** Runs each download separately. */
export const unshared: Share = (_, effect) => effect

/** Makes a result from an item that the server delivered; it may have to download the content. */
export type MakeResult<Item, Result> = (item: Item) => Effect.Effect<Result, JobError.DownloadFailed<never>>

/** Returns the delivered results, made from the delivered items. */
export const makeAll =
  <Item, Result>(make: MakeResult<Item, Result>) =>
  (items: ReadonlyArray<Delivered<Item>>): ReadonlyArray<Delivered<Result>> =>
    items.map(({ id, open }) => ({ id, open: Effect.flatMap(open, make) }))

/** Returns the source of the results that are made from the items of another source. */
export const withResults = <Check, Reply extends Check, Item, Result, E>(
  source: Source<Check, Reply, Item, E>,
  make: MakeResult<Item, Result>
): Source<Check, Reply, Result, E> => {
  const all = makeAll(make)
  return { ...source, resultsOf: (reply, share) => all(source.resultsOf(reply, share)) }
}

export const idOf = (ticket: Ticket): GenerationRequestId => GenerationRequestId.make(Redacted.value(ticket.id))

const isNotFound = <E>(error: E | HordeError.NotFound): error is HordeError.NotFound =>
  Predicate.isTagged(error, "NotFound")

/** A call for a job. It is made when it runs, because a job that waits keeps its calls in memory. */
export const orNotFound = <A, E>(
  call: () => Effect.Effect<A, E | HordeError.NotFound>
): Effect.Effect<A, Exclude<E, HordeError.NotFound> | JobNotFound> =>
  Effect.suspend(() => Effect.catchIf(call(), isNotFound, () => new JobNotFound()))

/** The endpoint that cancels jobs of a kind. */
type CancelCall<Reply, E> = (request: {
  readonly params: { readonly id: GenerationRequestId }
}) => Effect.Effect<Reply, E | HordeError.NotFound>

const cancelOf = <Reply, E>(call: CancelCall<Reply, E>, ticket: Ticket): Effect.Effect<Reply, E | JobNotFound> =>
  orNotFound(() => call({ params: { id: idOf(ticket) } }))

/** Follows a job that ends with the wait for it. The reply of its cancel is used too, if there is a `cancelCall`. */
export const followToEnd = <Check, Reply extends Check, Result, E extends PollError>(
  source: Source<Check, Reply, Result, E>,
  cancelCall: Option.Option<CancelCall<Reply, E>>,
  settings: WaitSettings
): Effect.Effect<Following<Check, Reply, Result, E>, never, JobWatcher> =>
  Effect.map(JobWatcher, (watcher) => {
    const cancel = Option.map(cancelCall, (call) => cancelOf(call, source.ticket))
    return { watcher, source, settings, cancel }
  })

/** The results of a stream of events. */
export const resultsOf = <Result, E, R>(
  progress: Stream.Stream<Progress<Result, unknown> | { readonly _tag: "Submitted" }, E, R>
): Effect.Effect<ReadonlyArray<Result>, E, R> =>
  Stream.runFold(progress, [] as ReadonlyArray<Result>, (last, event) =>
    event._tag === "Finished" ? event.results : last
  )

/** What distinguishes the jobs of one kind from others. */
interface Definition<Check, Reply extends Check, Item, Result, E> {
  readonly source: Source<Check, Reply, Item, E>
  readonly settings: WaitSettings
  readonly cancelCall: CancelCall<Reply, E>
  /** The path template of the cancel, for errors. */
  readonly cancelPath: string
  readonly makeResult: MakeResult<Item, Result>
  /** Downloads the content of an item. The returned item needs no download. */
  readonly load: MakeResult<Item, Item>
}

/** A job, and its polls with results of any kind. */
export interface OpenedJob<Check, Item, Result, E> {
  readonly job: Job<Result, Check, E>
  readonly stream: <Other>(
    makeResult: MakeResult<Item, Other>,
    concurrency: number
  ) => Stream.Stream<Progress<Other, Check>, E | JobError.JobError<Other>>
}

export const openJob = <Check, Reply extends Check, Item, Result, E extends PollError>({
  cancelCall,
  cancelPath,
  load,
  makeResult,
  settings,
  source
}: Definition<Check, Reply, Item, Result, E>): Effect.Effect<
  OpenedJob<Check, Item, Result, E>,
  never,
  FollowUp | JobWatcher
> =>
  Effect.gen(function* () {
    const { polls, ticket } = source
    const watcher = yield* JobWatcher
    const followUp = yield* FollowUp
    /** The items that were delivered before the cancel, loaded. Completed by the cancel. */
    const cancelled = yield* Deferred.make<ReadonlyArray<Item>>()
    const errorFields = { method: "DELETE", path: cancelPath, ticket }
    const cancelLock = Effect.unsafeMakeSemaphore(1)

    /** Waits for the cancel of the job. Then fails with the results that can be made from the delivered items. */
    const untilCancelled = <Other>(make: MakeResult<Item, Other>, concurrency: number) =>
      Effect.gen(function* () {
        const [, partial] = yield* Effect.partition(yield* Deferred.await(cancelled), make, { concurrency })
        const message = "the job was cancelled by this program"
        return yield* new JobError.JobCancelled<Other>({ ...errorFields, partial, message })
      })

    const stream: OpenedJob<Check, Item, Result, E>["stream"] = <Other>(
      make: MakeResult<Item, Other>,
      concurrency: number
    ) =>
      Stream.unwrap(
        Effect.map(Effect.cached(untilCancelled(make, concurrency)), (failOnceCancelled) => {
          // during a cancel, a poll may see a job with missing results before the cancel has its reply
          const isCancelled = cancelLock.withPermits(1)(Deferred.isDone(cancelled))
          const failureOf = (error: JobError.JobFaulted<Other>) =>
            Effect.if(isCancelled, { onTrue: () => failOnceCancelled, onFalse: () => Effect.fail(error) })
          return progressOf({ watcher, source: withResults(source, make), settings, concurrency }).pipe(
            Stream.catchAll(
              (error): Stream.Stream<never, E | JobError.JobError<Other>> =>
                error instanceof JobError.JobFaulted ? Stream.fromEffect(failureOf(error)) : Stream.fail(error)
            ),
            Stream.interruptWhen(failOnceCancelled)
          )
        })
      )

    const loadedIn = (reply: Reply) => makeAll(load)(source.resultsOf(reply, unshared))

    const cancelJob: Job<Result, Check, E>["cancel"] = Effect.gen(function* () {
      const reply = yield* Effect.mapError(cancelOf(cancelCall, ticket), (error) =>
        error instanceof JobNotFound
          ? new JobError.JobExpired<Result>({
              ...errorFields,
              partial: [],
              message: "the server has deleted the job"
            })
          : error
      )
      const downloaded = yield* downloadAll(loadedIn(reply), defaultConcurrency)
      const opened = yield* refreshExpiredLinks(downloaded, defaultConcurrency, Effect.map(polls.fetch, loadedIn))
      const items = [...succeeded(opened).values()]
      yield* Deferred.succeed(cancelled, items)
      const partial = yield* Effect.forEach(items, makeResult)
      const failure = firstFailure(opened)
      if (failure === undefined) return partial
      return yield* new JobError.DownloadFailed<Result>({ ...errorFields, ...failure, partial })
    }).pipe(cancelLock.withPermits(1))

    const progress = stream(makeResult, defaultConcurrency)
    return {
      job: {
        ticket,
        progress,
        result: resultsOf(progress),
        cancel: cancelJob,
        detach: Effect.as(followUp.detach(ticket.kind, Redacted.value(ticket.id)), ticket)
      },
      stream
    }
  })
