/** Follows one job to its end. */
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
import * as fetchBudget from "./fetchBudget.js"
import { isOver, isPossible, type RequestStatusCheck } from "./models.js"
import * as pacing from "./pollInterval.js"
import { type Delivered, lossOf, openAll, openAtOnce, succeeded, withFreshLinks } from "./results.js"
import type { Ticket } from "./ticket.js"
import type { WaitSettings } from "./waitSettings.js"

/** The server does not know the job (any more). */
export class Vanished extends Data.TaggedError("Vanished") {}

/** What an answer about a job looks like when it failed. */
interface Failure {
  readonly _tag: string
  readonly message: string
  readonly isRetryable: boolean
  readonly retryAfter?: Duration.Duration | undefined
}

/** How a job stands, with the results that are there. */
export interface Snapshot<Result> {
  readonly check: RequestStatusCheck
  readonly delivered: ReadonlyArray<Delivered<Result>>
}

/** How a kind of job is polled. */
export interface Source<Result, E> {
  readonly ticket: Ticket
  /** The template of the address that is asked, for errors. */
  readonly path: string
  /** The models that were asked for, for errors; none where they are not known. */
  readonly models: ReadonlyArray<string>
  readonly check: Effect.Effect<RequestStatusCheck, E | Vanished>
  readonly fetch: Effect.Effect<Snapshot<Result>, E | Vanished>
  /**
   * Cancels the job, and gives the results that it has. Only where the job ends with the wait anyway: it is used when
   * the wait is given up, since results may arrive until then.
   */
  readonly cancel: Option.Option<Effect.Effect<Snapshot<Result>, E | Vanished>>
}

/** Why a wait is given up although the server has not ended the job. */
type GivenUp = "timedOut" | "impossible"

interface State<Result> {
  readonly pace: pacing.Pace
  /** When the latest reply came. This and the times below are by the monotonic clock. */
  readonly repliedAt: number
  /** The pause before the next request, in milliseconds. */
  readonly delay: number
  /** Polls in a row that failed. */
  readonly failures: number
  /** Since when replies cannot be decoded. */
  readonly undecodableSince: number | undefined
  readonly stalledSince: number | undefined
  readonly impossibleSince: number | undefined
  /** How the job ended, once it has: then only its results are left to be fetched. */
  readonly ended: "over" | "stalled" | undefined
  /** Since when the wait is being given up: one more poll has to be answered first. */
  readonly givenUp: { readonly reason: GivenUp; readonly since: number } | undefined
  /** Since when the server's numbers contradict each other, and how often it was asked since. */
  readonly contradicted: { readonly since: number; readonly polls: number } | undefined
  /** Results the server had at the last poll. */
  readonly finished: number
  /** When the latest fetches of results began. */
  readonly fetches: ReadonlyArray<number>
  /** Results the server had at the latest successful fetch. */
  readonly fetched: number
  readonly opened: ReadonlyMap<string, Result>
}

const stallGrace = 60_000
/** After failures, polls become rarer up to this pause. */
const longestBackoff = 30_000
/** From so many failed polls in a row on, the program is told. */
const toldAfter = 10
/** How long replies that cannot be decoded are taken for a passing trouble. */
const undecodableGrace = 120_000
/** How long a wait that is given up looks for one last answer. */
const lastAnswerWithin = 60_000
/** How long the cancel may take whose reply is wanted. */
const lastCancelWithin = "10 seconds"
/** How long numbers may contradict each other, and how often they are asked for again, before they are believed. */
const contradictionGrace = 20_000
const contradictionPolls = 2

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

/** A wait that is given up does not last much longer for a result that cannot be had. */
const inTime = <Result>({ id, open }: Delivered<Result>): Delivered<Result> => ({
  id,
  open: Effect.timeoutFail(open, { duration: lastAnswerWithin, onTimeout: tooSlow })
})

export const follow = <Result, E extends Failure>(
  source: Source<Result, E>,
  settings: WaitSettings,
  atOnce = openAtOnce
): Stream.Stream<Progress<Result>, E | JobError.JobError<Result>> => {
  const { models, ticket, path } = source
  const { impossibleAfter, wantsEach } = settings
  const submittedAt = DateTime.toEpochMillis(ticket.submittedAt)
  const deadline = DateTime.toEpochMillis(ticket.deadline)
  const about = { method: "GET", path, ticket }

  type Step = readonly [Chunk.Chunk<Progress<Result>>, Option.Option<State<Result>>]

  const next = (state: State<Result>, events: ReadonlyArray<Progress<Result>> = []): Step => [
    Chunk.fromIterable(events),
    Option.some(state)
  ]

  /** What is there and was not there before, for whoever wants each result as it arrives. */
  const arrivals = (state: State<Result>, known: ReadonlyMap<string, Result>) =>
    [...known].flatMap(([id, result]) =>
      wantsEach && !state.opened.has(id) ? [{ _tag: "Arrived" as const, result }] : []
    )

  /** The state with the delay that follows from a reply. */
  const paced = (state: State<Result>, check: RequestStatusCheck): Effect.Effect<State<Result>> =>
    Effect.zipWith(monotonicMillis, Random.next, (now, random) => {
      const awaited = wantsEach ? "next result" : "end"
      const pace = pacing.next(state.pace, { check, elapsed: now - state.repliedAt, awaited, random })
      return { ...state, pace, repliedAt: now, delay: pace.delay }
    })

  /** How long to wait until results are fetched that are there before the end; `Infinity` where none are wanted. */
  const untilNextFetch = (state: State<Result>, now: number): number => {
    if (!wantsEach || state.finished <= state.opened.size) return Number.POSITIVE_INFINITY
    // results that were fetched and could not be opened are tried again, but not at the expense of others
    const toCome = state.finished > state.fetched ? ticket.expected - state.fetched : Number.POSITIVE_INFINITY
    return fetchBudget.untilNext(state.fetches, toCome, now)
  }

  const expired = (state: State<Result>) =>
    new JobError.JobExpired<Result>({
      ...about,
      partial: [...state.opened.values()],
      message: "the server does not know the job any more"
    })

  const givenUpFor = (reason: GivenUp, partial: ReadonlyArray<Result>) => {
    if (reason === "timedOut") {
      return new JobError.JobTimedOut<Result>({ ...about, partial, message: "the job was not over at its deadline" })
    }
    const asked = models.length === 0 ? "" : ` (models: ${models.join(", ")})`
    const message = `no worker that is online can take the job${asked}`
    return new JobError.JobImpossible<Result>({ ...about, partial, message })
  }

  const backoff = (state: State<Result>, error: E): number => {
    const asked = error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter)
    return Math.max(Math.min(Math.round(Math.max(state.delay, 1000) * 1.5), longestBackoff), asked)
  }

  /** A failed poll says nothing about the job, unless it says that there is none. */
  const afterFailure = (
    state: State<Result>,
    error: E | Vanished,
    started: number
  ): Effect.Effect<Step, E | JobError.JobExpired<Result>> =>
    Effect.gen(function* () {
      const now = yield* monotonicMillis
      if (error instanceof Vanished) {
        const age = (yield* Clock.currentTimeMillis) - submittedAt
        const isYoung = age >= 0 && age < replicaLag && now - started < replicaLag
        return isYoung ? next({ ...state, delay: 1000 }) : yield* expired(state)
      }
      const isUndecodable = error._tag === "UnexpectedResponse" && !error.isRetryable
      const undecodableSince = isUndecodable ? (state.undecodableSince ?? now) : undefined
      const isPassing = error.isRetryable || (isUndecodable && now - (undecodableSince ?? now) < undecodableGrace)
      if (!isPassing) return yield* Effect.fail(error)
      const failures = state.failures + 1
      if (failures === toldAfter) {
        yield* Effect.logWarning(
          `a job's polls keep failing, and go on until its deadline: ${error._tag} ${error.message}`
        )
      }
      return next({ ...state, failures, undecodableSince, delay: backoff(state, error) })
    })

  const open = (state: State<Result>, delivered: ReadonlyArray<Delivered<Result>>) =>
    Effect.flatMap(openAll(delivered, atOnce, state.opened), (once) =>
      withFreshLinks(
        once,
        atOnce,
        Effect.map(source.fetch, (snapshot) => distinct(snapshot.delivered))
      )
    )

  /** All results were delivered: they are given, or what could not be had of them is told. */
  const complete = (
    state: State<Result>,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Step, JobError.DownloadFailed<Result>> =>
    Effect.flatMap(open(state, delivered), (opened) => {
      const known = succeeded(opened)
      const results = [...known.values()]
      const loss = lossOf(opened)
      if (loss !== undefined) return new JobError.DownloadFailed<Result>({ ...about, ...loss, partial: results })
      const events = [...arrivals(state, known), { _tag: "Finished" as const, results }]
      return Effect.succeed([Chunk.fromIterable(events), Option.none()] as const)
    })

  const isComplete = (delivered: ReadonlyArray<Delivered<Result>>) => delivered.length >= ticket.expected

  /** The job is over. */
  const finish = (
    state: State<Result>,
    check: RequestStatusCheck,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Step, JobError.JobFaulted<Result> | JobError.DownloadFailed<Result>> => {
    if (isComplete(delivered)) return complete(state, delivered)
    return Effect.flatMap(open(state, delivered), (opened) => {
      const reason = check.faulted ? "faulted" : state.ended === "stalled" ? "stalled" : "short"
      const message = `${delivered.length} of ${ticket.expected} results came (${reason})`
      const partial = [...succeeded(opened).values()]
      return new JobError.JobFaulted<Result>({ ...about, partial, reason, message })
    })
  }

  /** Fewer results than the server says that it has, or a job that is done and waits: replicas may lag behind. */
  const isContradictory = (state: State<Result>, { check, delivered }: Snapshot<Result>): boolean => {
    const claimed = Math.min(ticket.expected, Math.max(state.finished, check.finished))
    return delivered.length < claimed || (check.done && !check.faulted && check.waiting > 0)
  }

  /** `undefined` once the numbers are to be believed. */
  const askAgain = (state: State<Result>, now: number): State<Result> | undefined => {
    const { polls, since } = state.contradicted ?? { since: now, polls: 0 }
    const left = since + contradictionGrace - now
    if (left <= 0 && polls >= contradictionPolls) return undefined
    const delay = Math.max(1000, Math.min(1000 * 2 ** polls, left))
    return { ...state, ended: state.ended ?? "over", delay, contradicted: { since, polls: polls + 1 } }
  }

  const fetchResults = (before: State<Result>, started: number) =>
    Effect.gen(function* () {
      const now = yield* monotonicMillis
      const state = { ...before, fetches: fetchBudget.record(before.fetches, now) }
      const answer = yield* Effect.either(source.fetch)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left, started)
      const snapshot = { check: answer.right.check, delivered: distinct(answer.right.delivered) }
      const answered = { ...state, failures: 0, undecodableSince: undefined }
      if (isOver(snapshot.check) || state.ended === "stalled") {
        const isShort = !isComplete(snapshot.delivered)
        const again = isShort && isContradictory(state, snapshot) ? askAgain(answered, now) : undefined
        return again === undefined ? yield* finish(state, snapshot.check, snapshot.delivered) : next(again)
      }
      const opened = succeeded(yield* openAll(snapshot.delivered, atOnce, state.opened))
      const seen = yield* paced(answered, snapshot.check)
      const fetched = Math.max(state.finished, snapshot.delivered.length)
      return next({ ...seen, ended: undefined, fetched, opened }, arrivals(state, opened))
    })

  const afterCheck = (paced: State<Result>, check: RequestStatusCheck, now: number): Step => {
    const isIdle = check.waiting === 0 && check.processing === 0 && !check.done
    const stalledSince = isIdle ? (paced.stalledSince ?? now) : undefined
    const impossibleSince = isPossible(check) || isIdle ? undefined : (paced.impossibleSince ?? now)
    const seen: State<Result> = {
      ...paced,
      failures: 0,
      undecodableSince: undefined,
      stalledSince,
      impossibleSince,
      finished: check.finished
    }
    const events = [{ _tag: "Checked" as const, check }]
    if (isOver(check)) return next({ ...seen, ended: "over", delay: 0 }, events)
    if (stalledSince !== undefined && now - stalledSince >= stallGrace) {
      return next({ ...seen, ended: "stalled", delay: 0 }, events)
    }
    if (impossibleSince !== undefined && now - impossibleSince >= impossibleAfter) {
      return next({ ...seen, givenUp: { reason: "impossible", since: now }, delay: 0 }, events)
    }
    return next(seen, events)
  }

  /** The last word of a job whose wait is given up: its results, if all are there by now, or why it was given up. */
  const giveUp = (
    state: State<Result>,
    reason: GivenUp,
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
      const known = succeeded(yield* openAll(last.map(inTime), atOnce, state.opened))
      return yield* givenUpFor(reason, [...known.values()])
    })

  /** A limit of this side does not discard results that exist: one poll has to be answered before it counts. */
  const lastPoll = (state: State<Result>, reason: GivenUp, left: number, started: number) =>
    Effect.gen(function* () {
      const answer = yield* Effect.timeoutOption(Effect.either(source.fetch), left)
      if (Option.isNone(answer)) return yield* giveUp(state, reason, [])
      if (Either.isLeft(answer.value)) {
        const error = answer.value.left
        if (error instanceof Vanished) return yield* givenUpFor(reason, [...state.opened.values()])
        const failed = yield* Effect.either(afterFailure(state, error, started))
        return Either.isRight(failed) ? failed.right : yield* giveUp(state, reason, [])
      }
      const { check } = answer.value.right
      const delivered = distinct(answer.value.right.delivered)
      if (isComplete(delivered)) return yield* complete(state, delivered)
      // a worker may have turned up in the last moment
      if (reason === "impossible" && isPossible(check) && !check.done) {
        return next({ ...state, givenUp: undefined, impossibleSince: undefined, delay: 1000 })
      }
      return yield* giveUp(state, reason, delivered)
    })

  const poll = (state: State<Result>, fetches: boolean, started: number) =>
    Effect.gen(function* () {
      if (state.ended !== undefined || fetches) return yield* fetchResults(state, started)
      const answer = yield* Effect.either(source.check)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left, started)
      const seen = yield* paced(state, answer.right)
      return afterCheck(seen, answer.right, seen.repliedAt)
    })

  const step =
    (started: number) =>
    (state: State<Result>): Effect.Effect<Step, E | JobError.JobError<Result>> =>
      Effect.gen(function* () {
        const now = yield* monotonicMillis
        if (state.givenUp !== undefined) {
          const { reason, since } = state.givenUp
          const left = since + lastAnswerWithin - now
          if (left <= 0) return yield* giveUp(state, reason, [])
          yield* Effect.sleep(Math.min(state.delay, left))
          return yield* lastPoll(state, reason, since + lastAnswerWithin - (yield* monotonicMillis), started)
        }
        const giveUpNow = Effect.map(monotonicMillis, (since) =>
          next({ ...state, givenUp: { reason: "timedOut", since }, delay: 0 })
        )
        const left = deadline - (yield* Clock.currentTimeMillis)
        if (left <= 0) return yield* giveUpNow
        const untilFetch = state.failures > 0 ? Number.POSITIVE_INFINITY : untilNextFetch(state, now)
        const pause = Math.min(state.delay, untilFetch)
        // the deadline holds even where a request hangs
        return yield* Effect.sleep(pause).pipe(
          Effect.zipRight(poll(state, untilFetch <= pause, started)),
          Effect.timeoutOption(left),
          Effect.flatMap(Option.match({ onNone: () => giveUpNow, onSome: Effect.succeed }))
        )
      })

  const start = (now: number): State<Result> => ({
    pace: pacing.start,
    repliedAt: now,
    delay: 1000,
    failures: 0,
    undecodableSince: undefined,
    stalledSince: undefined,
    impossibleSince: undefined,
    ended: undefined,
    givenUp: undefined,
    contradicted: undefined,
    finished: 0,
    fetches: [],
    fetched: 0,
    opened: new Map()
  })

  return Stream.unwrap(Effect.map(monotonicMillis, (now) => Stream.paginateChunkEffect(start(now), step(now))))
}
