/** Polls one job to its end: sends the requests of its life cycle, and downloads its results. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
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

/** The server has no such job (any more). */
export class JobNotFound extends Data.TaggedError("JobNotFound") {}

/** The fields of a poll's error that decide about a retry. */
interface PollError {
  readonly _tag: string
  readonly message: string
  readonly isRetryable: boolean
  readonly retryAfter?: Duration.Duration | undefined
}

/** The state of a job, with the results that are available. */
export interface Snapshot<Check, Result> {
  readonly check: Check
  readonly delivered: ReadonlyArray<Delivered<Result>>
}

/** How a kind of job is polled. */
export interface Source<Check, Result, E> {
  readonly ticket: Ticket
  /** The path template of its status, for errors. */
  readonly path: string
  /** The requested models, for errors; empty if they are unknown. */
  readonly models: ReadonlyArray<string>
  readonly viewOf: (check: Check) => JobView
  readonly check: Effect.Effect<Check, E | JobNotFound>
  readonly fetch: Effect.Effect<Snapshot<Check, Result>, E | JobNotFound>
  /**
   * Cancels the job and returns its results. It is used when the wait is given up, and is `None` if the job should
   * survive the wait.
   */
  readonly cancel: Option.Option<Effect.Effect<Snapshot<Check, Result>, E | JobNotFound>>
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

export const follow = <Check, Result, E extends PollError>(
  source: Source<Check, Result, E>,
  wait: WaitSettings,
  concurrency = defaultConcurrency
): Stream.Stream<Progress<Result, Check>, E | JobError.JobError<Result>> => {
  const { models, path, ticket, viewOf } = source
  const { wantsEach } = wait
  const settings: lifecycle.Settings = { ...wait, expected: ticket.expected }
  const submittedAt = DateTime.toEpochMillis(ticket.submittedAt)
  const deadline = DateTime.toEpochMillis(ticket.deadline)
  const about = { method: "GET", path, ticket }

  type Event = Progress<Result, Check>
  type Step = readonly [Chunk.Chunk<Event>, Option.Option<State<Result>>]

  const next = (state: State<Result>, events: ReadonlyArray<Event> = []): Step => [
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

  /**
   * A failed poll does not end the wait, unless the server has no such job. `began` is the time at which it was sent.
   */
  const afterFailure = (
    state: State<Result>,
    error: E | JobNotFound,
    began: number
  ): Effect.Effect<Step, E | JobError.JobExpired<Result>> =>
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
      refreshExpiredLinks(
        once,
        concurrency,
        Effect.map(source.fetch, (snapshot) => distinct(snapshot.delivered))
      )
    )

  /** Ends with all results, or with `DownloadFailed` if some cannot be downloaded. */
  const complete = (
    state: State<Result>,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Step, JobError.DownloadFailed<Result>> =>
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
  ): Effect.Effect<Step, JobError.JobFaulted<Result> | JobError.DownloadFailed<Result>> => {
    if (isComplete(delivered)) return complete(state, delivered)
    return Effect.flatMap(open(state, delivered), (opened) => {
      const reason = lifecycle.shortBecause(state, view)
      const message = `${delivered.length} of ${ticket.expected} results came (${reason})`
      const partial = [...succeeded(opened).values()]
      return new JobError.JobFaulted<Result>({ ...about, partial, reason, message })
    })
  }

  const fetchResults = (before: State<Result>, began: number) =>
    Effect.gen(function* () {
      const now = yield* monotonicMillis
      const state = { ...before, ...lifecycle.fetching(before, now) }
      const answer = yield* Effect.either(source.fetch)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left, began)
      const view = viewOf(answer.right.check)
      const delivered = distinct(answer.right.delivered)
      const fetched = lifecycle.afterFetch(settings, state, view, delivered.length, now)
      const seen = { ...state, ...fetched.state }
      if (fetched._tag === "ended") return yield* finish(seen, view, delivered)
      if (fetched._tag === "again") return next(seen)
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
  ): Effect.Effect<Step, JobError.JobError<Result>> =>
    Effect.gen(function* () {
      const cancelled = yield* Option.match(source.cancel, {
        onNone: () => Effect.succeedNone,
        onSome: (cancel) => Effect.option(Effect.timeout(cancel, lastCancelWithin))
      })
      const last = Option.match(cancelled, {
        onNone: () => delivered,
        onSome: (snapshot) => distinct([...snapshot.delivered, ...delivered])
      })
      if (isComplete(last)) return yield* complete(state, last)
      const known = succeeded(yield* downloadAll(last.map(inTime), concurrency, state.results))
      return yield* givenUpFor(reason, [...known.values()])
    })

  /** A limit of the client must not discard existing results: one last poll is answered before it applies. */
  const lastPoll = (state: State<Result>, reason: lifecycle.GivenUp, within: number, began: number) =>
    Effect.gen(function* () {
      const answer = yield* Effect.timeoutOption(Effect.either(source.fetch), within)
      if (Option.isNone(answer)) return yield* giveUp(state, reason, [])
      if (Either.isLeft(answer.value)) {
        const error = answer.value.left
        if (error instanceof JobNotFound) return yield* givenUpFor(reason, [...state.results.values()])
        const failed = yield* Effect.either(afterFailure(state, error, began))
        return Either.isRight(failed) ? failed.right : yield* giveUp(state, reason, [])
      }
      const delivered = distinct(answer.value.right.delivered)
      if (isComplete(delivered)) return yield* complete(state, delivered)
      const goesOn = lifecycle.reprieve(state, viewOf(answer.value.right.check))
      return goesOn === undefined ? yield* giveUp(state, reason, delivered) : next({ ...state, ...goesOn })
    })

  const checkOnce = (state: State<Result>, began: number) =>
    Effect.gen(function* () {
      const answer = yield* Effect.either(source.check)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left, began)
      const check = answer.right
      const seen = lifecycle.afterCheck(settings, state, viewOf(check), yield* monotonicMillis, yield* Random.next)
      return next({ ...state, ...seen }, [{ _tag: "Checked", check }])
    })

  const step =
    (began: number) =>
    (state: State<Result>): Effect.Effect<Step, E | JobError.JobError<Result>> =>
      Effect.gen(function* () {
        const now = yield* monotonicMillis
        const left = deadline - (yield* Clock.currentTimeMillis)
        const { after, request, within } = lifecycle.next(settings, state, now, left)
        if (state.givenUp !== undefined) {
          const { reason } = state.givenUp
          if (within <= 0) return yield* giveUp(state, reason, [])
          return yield* Effect.delay(lastPoll(state, reason, within - after, began), after)
        }
        const giveUpNow = Effect.map(monotonicMillis, (since) =>
          next({ ...state, ...lifecycle.giveUp(state, "timedOut", since) })
        )
        if (within <= 0) return yield* giveUpNow
        // the deadline also interrupts a request that hangs
        return yield* Effect.delay(
          request === "fetch" ? fetchResults(state, began) : checkOnce(state, began),
          after
        ).pipe(
          Effect.timeoutOption(within),
          Effect.flatMap(Option.match({ onNone: () => giveUpNow, onSome: Effect.succeed }))
        )
      })

  return Stream.unwrap(
    Effect.map(monotonicMillis, (now) =>
      Stream.paginateChunkEffect({ ...lifecycle.start(now), results: new Map<string, Result>() }, step(now))
    )
  )
}
