/** Handles the replies about one job: its next state, its events, and the download of its results. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { Progress } from "../../Job.js"
import * as JobError from "../errors/jobErrors.js"
import { replicaLag } from "../limits/serverTimes.js"
import { monotonicMillis } from "../platform/monotonic.js"
import type { JobView } from "./jobView.js"
import type { State } from "./lifecycle.js"
import * as lifecycle from "./lifecycle.js"
import { type Delivered, downloadAll, firstFailure, refreshExpiredLinks, succeeded } from "./results.js"
import { JobNotFound, type PollError, type Source } from "./source.js"
import type { Observation, Subscription } from "./watcher.js"

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
export type Step<Check, Result> = readonly [Chunk.Chunk<Progress<Result, Check>>, Option.Option<State<Result>>]

/** A wait that has started. */
export interface Wait<Check, Reply extends Check, Result, E> {
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
    return new JobError.JobImpossible<Result>({ ...about, partial, message, models })
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
      return next(failed)
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
      const state = lifecycle.fetching(before, sentAt)
      const view = viewOf(reply)
      const delivered = deliveredBy(reply)
      const after = lifecycle.afterFetch(settings, state, view, delivered.length, sentAt)
      if (after._tag === "ended") return yield* finish(after.state, view, delivered)
      if (after._tag === "again") return next(after.state)
      const results = succeeded(yield* downloadAll(delivered, concurrency, state.results))
      const opened = { delivered: delivered.length, results }
      const [now, random] = [yield* monotonicMillis, yield* Random.next]
      const goesOn = lifecycle.afterOpening(settings, after.state, view, opened, now, random)
      return next(goesOn, arrivals(state, results))
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
      return goesOn === undefined ? yield* giveUp(state, reason, delivered) : next(goesOn)
    })

  const checked = (state: State<Result>, check: Check) =>
    Effect.zipWith(monotonicMillis, Random.next, (now, random) =>
      lifecycle.afterCheck(settings, state, viewOf(check), now, random)
    )

  /** After a deadline: of the job, or of its last poll. */
  const timedOut = (state: State<Result>) =>
    Effect.flatMap(monotonicMillis, (since) =>
      state.givenUp === undefined
        ? Effect.succeed(next(lifecycle.giveUp(state, "timedOut", since)))
        : giveUp(state, state.givenUp.reason, [])
    )

  type Answered = Exclude<Observation<Check, Reply, E | JobNotFound>, { readonly _tag: "TimedOut" }>

  /** After a reply, which another consumer of the job may have requested. */
  const observed = (
    state: State<Result>,
    request: lifecycle.Next["request"],
    { _tag, answer, sentAt }: Answered
  ): Effect.Effect<Next, E | JobError.JobError<Result>> => {
    if (Either.isLeft(answer)) return afterFailure(state, answer.left)
    if (_tag === "Checked") {
      return Effect.map(checked(state, answer.right), (seen) => next(seen, [{ _tag, check: answer.right }]))
    }
    if (request === "fetch") return fetched(state, answer.right, sentAt)
    return Effect.flatMap(checked(state, answer.right), (seen) => {
      const event: Event = { _tag: "Checked", check: source.checkOf(answer.right) }
      if (!wantsEach && seen.ended === undefined) return Effect.succeed(next(seen, [event]))
      return Effect.map(
        fetched(seen, answer.right, sentAt),
        ([events, after]): Next => [Chunk.prepend(events, event), after]
      )
    })
  }

  return { afterLastPoll, observed, timedOut }
}

/** Handles a reply, or its absence before the deadline `until`. */
export const handleReply = <Check, Reply extends Check, Result, E extends PollError>(
  wait: Wait<Check, Reply, Result, E>,
  state: State<Result>,
  request: lifecycle.Next["request"],
  until: number,
  observation: Observation<Check, Reply, E | JobNotFound>
): Effect.Effect<Step<Check, Result>, E | JobError.JobError<Result>> => {
  const { afterLastPoll, observed, timedOut } = handlersFor(wait)
  if (observation._tag === "TimedOut") return timedOut(state)
  if (state.givenUp !== undefined) {
    const answer = observation._tag === "Fetched" ? observation.answer : undefined
    return afterLastPoll(state, state.givenUp.reason, answer)
  }
  const handled = observed(state, request, observation)
  if (observation._tag === "Checked") return handled
  // the deadline also interrupts a download that hangs
  return Effect.flatMap(monotonicMillis, (now) =>
    Effect.timeoutOption(handled, Math.max(0, until - now)).pipe(
      Effect.flatMap(Option.match({ onNone: () => timedOut(state), onSome: Effect.succeed }))
    )
  )
}
