/** Follows one job to its end: waits for the replies that its life cycle needs, and downloads its results. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Progress } from "../../Job.js"
import * as JobError from "../errors/jobErrors.js"
import { replicaLag } from "../limits/serverTimes.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { JobView } from "./jobView.js"
import * as lifecycle from "./lifecycle.js"
import {
  type Delivered,
  defaultConcurrency,
  downloadAll,
  firstFailure,
  refreshExpiredLinks,
  succeeded
} from "./results.js"
import type { Ticket } from "./ticket.js"
import type { WaitSettings } from "./waitSettings.js"
import type { Observation, Polls, Subscription, Service as Watcher } from "./watcher.js"

/** The server has no such job (any more). */
export class JobNotFound extends Data.TaggedError("JobNotFound") {}

/** The fields of a poll's error that decide about a retry. */
export interface PollError {
  readonly _tag: string
  readonly message: string
  readonly isRetryable: boolean
  readonly retryAfter?: Duration.Duration | undefined
}

/** How a kind of job is polled. */
export interface Source<Check, Reply extends Check, Result, E> {
  readonly ticket: Ticket
  /** The path template of its status, for errors. */
  readonly path: string
  /** The requested models, for errors; empty if they are unknown. */
  readonly models: ReadonlyArray<string>
  readonly viewOf: (check: Check) => JobView
  readonly polls: Polls<Check, Reply, E | JobNotFound>
  /** The results of a reply. Their downloads are shared. */
  readonly resultsOf: (
    reply: Reply,
    share: Subscription<unknown, unknown, unknown>["share"]
  ) => ReadonlyArray<Delivered<Result>>
}

/** The options of one consumer's wait. */
export interface FollowOptions<Reply, E> {
  /** The number of concurrent downloads. */
  readonly concurrency?: number
  /**
   * Cancels the job and returns its results. It is used when the wait is given up, and is `None` if the job should
   * survive the wait.
   */
  readonly cancel?: Option.Option<Effect.Effect<Reply, E | JobNotFound>>
}

/** The life cycle's state, and the downloaded results. */
interface State<Result> extends lifecycle.State {
  readonly results: ReadonlyMap<string, Result>
}

/** After so many failed polls in a row, a warning is logged. */
const warnAfter = 10
/** Time limit of a cancel whose reply may hold results. */
const lastCancelWithin = "10 seconds"

/** A reply may list a result twice. */
const distinct = <Result>(delivered: ReadonlyArray<Delivered<Result>>): ReadonlyArray<Delivered<Result>> => {
  const ids = new Set<string>()
  return delivered.filter(({ id }) => !ids.has(id) && ids.add(id))
}

const tooSlow = () =>
  new JobError.DownloadFailed<never>({
    reason: "TimedOut",
    message: "the download took too long",
    method: "GET",
    path: "(a result's link)",
    partial: []
  })

/** Limits the download of a result after the wait is given up. */
const inTime = <Result>({ id, open }: Delivered<Result>): Delivered<Result> => ({
  id,
  open: Effect.timeoutFail(open, { duration: lifecycle.lastAnswerWithin, onTimeout: tooSlow })
})

/** The events and the next state after one reply; no state after the last one. */
type Step<Check, Result> = readonly [Chunk.Chunk<Progress<Result, Check>>, Option.Option<State<Result>>]

/** One consumer's wait for a job. */
interface Wait<Check, Reply extends Check, Result, E> {
  readonly source: Source<Check, Reply, Result, E>
  readonly settings: lifecycle.Settings
  readonly concurrency: number
  readonly cancel: Option.Option<Effect.Effect<Reply, E | JobNotFound>>
  readonly subscription: Subscription<Check, Reply, E | JobNotFound>
  /** The start of the wait, in milliseconds of the monotonic clock. */
  readonly began: number
}

const handlersFor = <Check, Reply extends Check, Result, E extends PollError>({
  began,
  cancel,
  concurrency,
  settings,
  source,
  subscription
}: Wait<Check, Reply, Result, E>) => {
  const { models, path, polls, ticket, viewOf } = source
  const { wantsEach } = settings
  const submittedAt = DateTime.toEpochMillis(ticket.submittedAt)
  const about = { method: "GET", path, ticket }

  const deliveredBy = (reply: Reply): ReadonlyArray<Delivered<Result>> =>
    distinct(source.resultsOf(reply, subscription.share))

  type Event = Progress<Result, Check>
  type Next = Step<Check, Result>

  const next = (state: State<Result>, events: ReadonlyArray<Event> = []): Next => [
    Chunk.fromIterable(events),
    Option.some(state)
  ]

  /** An event for each newly downloaded result, if results are wanted as they arrive. */
  const arrivals = (state: State<Result>, results: ReadonlyMap<string, Result>): ReadonlyArray<Event> =>
    [...results].flatMap(([id, result]) =>
      wantsEach && !state.results.has(id) ? [{ _tag: "Arrived" as const, result }] : []
    )

  const expired = (state: State<Result>) =>
    new JobError.JobExpired<Result>({
      ...about,
      partial: [...state.results.values()],
      message: "the server has deleted the job"
    })

  const givenUpFor = (reason: lifecycle.GivenUp, partial: ReadonlyArray<Result>) => {
    if (reason === "timedOut") {
      return new JobError.JobTimedOut<Result>({ ...about, partial, message: "the job was not over at its deadline" })
    }
    const asked = models.length === 0 ? "" : ` (models: ${models.join(", ")})`
    const message = `no worker that is online can take the job${asked}`
    return new JobError.JobImpossible<Result>({ ...about, partial, message })
  }

  /** A failed poll does not end the wait, unless the server has no such job. */
  const afterFailure = (
    state: State<Result>,
    error: E | JobNotFound
  ): Effect.Effect<Next, E | JobError.JobExpired<Result>> =>
    Effect.gen(function* () {
      const now = yield* monotonicMillis
      if (error instanceof JobNotFound) {
        const age = (yield* Clock.currentTimeMillis) - submittedAt
        const isYoung = age >= 0 && age < replicaLag && now - began < replicaLag
        return isYoung ? next({ ...state, delay: 1000 }) : yield* expired(state)
      }
      const { isRetryable, retryAfter } = error
      const isUndecodable = error._tag === "UnexpectedResponse" && !isRetryable
      const failure = { isRetryable, isUndecodable, retryAfter: retryAfter ? Duration.toMillis(retryAfter) : 0 }
      const failed = lifecycle.afterFailure(state, failure, now)
      if (failed === undefined) return yield* Effect.fail(error)
      if (failed.failures === warnAfter) {
        yield* Effect.logWarning(
          `polls of a job keep failing; polling continues until its deadline: ${error._tag} ${error.message}`
        )
      }
      return next({ ...state, ...failed })
    })

  const open = (state: State<Result>, delivered: ReadonlyArray<Delivered<Result>>) =>
    Effect.flatMap(downloadAll(delivered, concurrency, state.results), (once) =>
      refreshExpiredLinks(once, concurrency, Effect.map(polls.fetch, deliveredBy))
    )

  /** Ends with all results, or with `DownloadFailed` if some cannot be downloaded. */
  const complete = (
    state: State<Result>,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Next, JobError.DownloadFailed<Result>> =>
    Effect.flatMap(open(state, delivered), (opened) => {
      const known = succeeded(opened)
      const results = [...known.values()]
      const failure = firstFailure(opened)
      if (failure !== undefined) return new JobError.DownloadFailed<Result>({ ...about, ...failure, partial: results })
      const events: ReadonlyArray<Event> = [...arrivals(state, known), { _tag: "Finished", results }]
      return Effect.succeed([Chunk.fromIterable(events), Option.none()] as const)
    })

  const isComplete = (delivered: ReadonlyArray<Delivered<Result>>) => delivered.length >= ticket.expected

  /** The job is over. */
  const finish = (
    state: State<Result>,
    view: JobView,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Next, JobError.JobFaulted<Result> | JobError.DownloadFailed<Result>> => {
    if (isComplete(delivered)) return complete(state, delivered)
    return Effect.flatMap(open(state, delivered), (opened) => {
      const reason = lifecycle.shortBecause(state, view)
      const message = `${delivered.length} of ${ticket.expected} results came (${reason})`
      const partial = [...succeeded(opened).values()]
      return new JobError.JobFaulted<Result>({ ...about, partial, reason, message })
    })
  }

  /** After a reply with results. `sentAt` is the time at which it was requested. */
  const fetched = (before: State<Result>, reply: Reply, sentAt: number) =>
    Effect.gen(function* () {
      const state = { ...before, ...lifecycle.fetching(before, sentAt) }
      const view = viewOf(reply)
      const delivered = deliveredBy(reply)
      const after = lifecycle.afterFetch(settings, state, view, delivered.length, sentAt)
      const seen = { ...state, ...after.state }
      if (after._tag === "ended") return yield* finish(seen, view, delivered)
      if (after._tag === "again") return next(seen)
      const results = succeeded(yield* downloadAll(delivered, concurrency, state.results))
      const counts = { delivered: delivered.length, opened: results.size }
      const opened = lifecycle.afterOpening(settings, seen, view, counts, yield* monotonicMillis, yield* Random.next)
      return next({ ...opened, results }, arrivals(state, results))
    })

  /** Ends a wait that is given up: with all results if they are complete by now, otherwise with the reason. */
  const giveUp = (
    state: State<Result>,
    reason: lifecycle.GivenUp,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Next, JobError.JobError<Result>> =>
    Effect.gen(function* () {
      const cancelled = yield* Option.match(cancel, {
        onNone: () => Effect.succeedNone,
        onSome: (cancel) => Effect.option(Effect.timeout(cancel, lastCancelWithin))
      })
      const last = Option.match(cancelled, {
        onNone: () => delivered,
        onSome: (reply) => distinct([...deliveredBy(reply), ...delivered])
      })
      if (isComplete(last)) return yield* complete(state, last)
      const known = succeeded(yield* downloadAll(last.map(inTime), concurrency, state.results))
      return yield* givenUpFor(reason, [...known.values()])
    })

  /** A limit of the client must not discard existing results: one last poll is answered before it applies. */
  const afterLastPoll = (
    state: State<Result>,
    reason: lifecycle.GivenUp,
    answer: Either.Either<Reply, E | JobNotFound> | undefined
  ) =>
    Effect.gen(function* () {
      if (answer === undefined) return yield* giveUp(state, reason, [])
      if (Either.isLeft(answer)) {
        if (answer.left instanceof JobNotFound) return yield* givenUpFor(reason, [...state.results.values()])
        const failed = yield* Effect.either(afterFailure(state, answer.left))
        return Either.isRight(failed) ? failed.right : yield* giveUp(state, reason, [])
      }
      const delivered = deliveredBy(answer.right)
      if (isComplete(delivered)) return yield* complete(state, delivered)
      const goesOn = lifecycle.reprieve(state, viewOf(answer.right))
      return goesOn === undefined ? yield* giveUp(state, reason, delivered) : next({ ...state, ...goesOn })
    })

  const checked = (state: State<Result>, check: Check) =>
    Effect.gen(function* () {
      const seen = lifecycle.afterCheck(settings, state, viewOf(check), yield* monotonicMillis, yield* Random.next)
      return { ...state, ...seen }
    })

  /** After a deadline: of the job, or of its last poll. */
  const timedOut = (state: State<Result>) =>
    Effect.flatMap(monotonicMillis, (since) =>
      state.givenUp === undefined
        ? Effect.succeed(next({ ...state, ...lifecycle.giveUp(state, "timedOut", since) }))
        : giveUp(state, state.givenUp.reason, [])
    )

  type Answered = Exclude<Observation<Check, Reply, E | JobNotFound>, { readonly _tag: "TimedOut" }>

  /** After a reply, which another consumer of the job may have requested. */
  const observed = (state: State<Result>, request: lifecycle.Next["request"], { _tag, answer, sentAt }: Answered) =>
    Effect.gen(function* () {
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left)
      if (_tag === "Fetched" && request === "fetch") return yield* fetched(state, answer.right, sentAt)
      const seen = yield* checked(state, answer.right)
      const event: Event = { _tag: "Checked", check: answer.right }
      if (_tag === "Fetched" && (wantsEach || seen.ended !== undefined)) {
        const [events, after] = yield* fetched(seen, answer.right, sentAt)
        return [Chunk.prepend(events, event), after] as const
      }
      return next(seen, [event])
    })

  return { afterLastPoll, observed, timedOut }
}

/** The next step: waits for a reply, and handles it. Only the second part needs the handlers, which cost memory. */
const stepFor =
  <Check, Reply extends Check, Result, E extends PollError>(wait: Wait<Check, Reply, Result, E>) =>
  (state: State<Result>): Effect.Effect<Step<Check, Result>, E | JobError.JobError<Result>> =>
    Effect.gen(function* () {
      const now = yield* monotonicMillis
      const { settings, source, subscription } = wait
      const left = DateTime.toEpochMillis(source.ticket.deadline) - (yield* Clock.currentTimeMillis)
      const { after, request, within } = lifecycle.next(settings, state, now, left)
      const until = now + within
      const poll = { kind: request, due: now + after, deadline: until, expectedEnd: now + state.pace.remaining }
      const observation = within <= 0 ? ({ _tag: "TimedOut" } as const) : yield* subscription.next(poll)
      const { afterLastPoll, observed, timedOut } = handlersFor(wait)
      if (observation._tag === "TimedOut") return yield* timedOut(state)
      if (state.givenUp !== undefined) {
        const answer = observation._tag === "Fetched" ? observation.answer : undefined
        return yield* afterLastPoll(state, state.givenUp.reason, answer)
      }
      const handled = observed(state, request, observation)
      if (observation._tag === "Checked") return yield* handled
      // the deadline also interrupts a download that hangs
      return yield* Effect.timeoutOption(handled, Math.max(0, until - (yield* monotonicMillis))).pipe(
        Effect.flatMap(Option.match({ onNone: () => timedOut(state), onSome: Effect.succeed }))
      )
    })

/**
 * The events of a job as a stream, or its results only: a wait for the results needs no stream. The job is watched until
 * the scope closes.
 */
export interface Followed<Check, Result, E> {
  readonly progress: Stream.Stream<Progress<Result, Check>, E | JobError.JobError<Result>>
  readonly result: Effect.Effect<ReadonlyArray<Result>, E | JobError.JobError<Result>, Scope.Scope>
}

export const follow = <Check, Reply extends Check, Result, E extends PollError>(
  watcher: Watcher,
  source: Source<Check, Reply, Result, E>,
  waitSettings: WaitSettings,
  { cancel = Option.none(), concurrency = defaultConcurrency }: FollowOptions<Reply, E> = {}
): Followed<Check, Result, E> => {
  const { ticket } = source
  const start = Effect.gen(function* () {
    const subscription = yield* watcher.subscribe(`${ticket.kind} ${Redacted.value(ticket.id)}`, source.polls)
    const began = yield* monotonicMillis
    const settings = { ...waitSettings, expected: ticket.expected }
    const first: State<Result> = { ...lifecycle.start(began), results: new Map<string, Result>() }
    return { first, step: stepFor({ source, settings, concurrency, cancel, subscription, began }) }
  })
  return {
    progress: Stream.unwrapScoped(Effect.map(start, ({ first, step }) => Stream.paginateChunkEffect(first, step))),
    result: Effect.gen(function* () {
      const { first, step } = yield* start
      for (let state = first; ; ) {
        const [events, after] = yield* step(state)
        if (Option.isSome(after)) {
          state = after.value
          continue
        }
        const last = Option.getOrUndefined(Chunk.last(events))
        return last?._tag === "Finished" ? last.results : []
      }
    })
  }
}
