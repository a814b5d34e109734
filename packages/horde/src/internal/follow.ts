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
import type { Progress, WaitOptions } from "../Job.js"
import * as JobError from "../JobError.js"
import { isOver, isPossible, type RequestStatusCheck } from "../JobModels.js"
import type { Ticket } from "../Ticket.js"
import * as fetchBudget from "./fetchBudget.js"
import { type Delivered, lossOf, openAll, openAtOnce, succeeded, withFreshLinks } from "./opening.js"
import * as pacing from "./pacing.js"

/** The server does not know the job (any more). */
export class Vanished extends Data.TaggedError("Vanished") {}

/** What an answer about a job looks like when it failed. */
interface Failure {
  readonly _tag: string
  readonly isRetryable: boolean
}

/** How a job stands, with the results that are there. */
export interface Snapshot<Result> {
  readonly check: RequestStatusCheck
  readonly delivered: ReadonlyArray<Delivered<Result>>
}

/** How a kind of job is looked at. */
export interface Source<Result, E> {
  readonly ticket: Ticket
  /** The template of the address that is asked, for errors. */
  readonly path: string
  readonly check: Effect.Effect<RequestStatusCheck, E | Vanished>
  readonly fetch: Effect.Effect<Snapshot<Result>, E | Vanished>
}

type Ended = "over" | "stalled" | "impossible"

interface State<Result> {
  readonly pace: pacing.Pace
  /** When the latest reply came, by the monotonic clock, as all times of polls and fetches. */
  readonly repliedAt: number
  readonly delay: number
  /** Looks in a row that failed. */
  readonly failures: number
  readonly stalledSince: number | undefined
  readonly impossibleSince: number | undefined
  /** How the job ended, once it has: then only its results are left to be fetched. */
  readonly ended: Ended | undefined
  /** Results the server had at the last look. */
  readonly finished: number
  /** When the latest fetches of results began. */
  readonly fetches: ReadonlyArray<number>
  /** Results the server had at the latest successful fetch. */
  readonly fetched: number
  readonly opened: ReadonlyMap<string, Result>
}

const stallGrace = 60_000
const maxFailures = 10

/** Milliseconds that neither a set clock nor a time zone changes. */
const monotonicNow = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

export const follow = <Result, E extends Failure>(
  source: Source<Result, E>,
  options: WaitOptions,
  atOnce = openAtOnce
): Stream.Stream<Progress<Result>, E | JobError.JobError<Result>> => {
  const { ticket, path } = source
  const deadline = DateTime.toEpochMillis(ticket.deadline)
  const impossibleAfter = Duration.toMillis(options.impossibleAfter ?? "60 seconds")
  const wantsEach = options.results === "as they arrive"
  const about = { method: "GET", path, ticket }

  /** The results that there are, for an error that ends the wait. */
  const salvage = (state: State<Result>): Effect.Effect<ReadonlyArray<Result>> =>
    state.finished === 0
      ? Effect.succeed([])
      : source.fetch.pipe(
          Effect.flatMap(({ delivered }) => openAll(delivered, atOnce, state.opened)),
          Effect.map((results) => [...succeeded(results).values()]),
          Effect.timeoutOption("5 seconds"),
          Effect.map(Option.getOrElse(() => [...state.opened.values()])),
          Effect.orElseSucceed(() => [...state.opened.values()])
        )

  const timedOut = (state: State<Result>) =>
    Effect.flatMap(salvage(state), (partial) =>
      Effect.fail(
        new JobError.JobTimedOut<Result>({ ...about, partial, message: "the job was not over at its deadline" })
      )
    )

  const impossible = (state: State<Result>) =>
    Effect.flatMap(salvage(state), (partial) =>
      Effect.fail(
        new JobError.JobImpossible<Result>({ ...about, partial, message: "no worker that is online can take the job" })
      )
    )

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
    Effect.zipWith(monotonicNow, Random.next, (now, random) => {
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

  /** A look that failed says nothing about the job, unless it says that there is none. */
  const afterFailure = (
    state: State<Result>,
    error: E | Vanished
  ): Effect.Effect<Step, E | JobError.JobExpired<Result>> => {
    if (error instanceof Vanished) {
      return Effect.fail(
        new JobError.JobExpired<Result>({
          ...about,
          partial: [...state.opened.values()],
          message: "the server does not know the job any more"
        })
      )
    }
    const isPassing = error.isRetryable || error._tag === "UnexpectedResponse"
    const failures = state.failures + 1
    if (!isPassing || failures >= maxFailures) return Effect.fail(error)
    return Effect.succeed(next({ ...state, failures, delay: Math.min(Math.round(state.delay * 1.5), 10_000) }))
  }

  const finish = (
    state: State<Result>,
    check: RequestStatusCheck,
    delivered: ReadonlyArray<Delivered<Result>>
  ): Effect.Effect<Step, JobError.JobFaulted<Result> | JobError.DownloadFailed<Result>> =>
    Effect.gen(function* () {
      const once = yield* openAll(delivered, atOnce, state.opened)
      const look = Effect.map(source.fetch, ({ delivered }) => delivered)
      const opened = yield* withFreshLinks(once, atOnce, look)
      const known = succeeded(opened)
      const results = [...known.values()]
      if (delivered.length < ticket.expected) {
        const reason = check.faulted ? "faulted" : state.ended === "stalled" ? "stalled" : "short"
        const message = `${delivered.length} of ${ticket.expected} results came (${reason})`
        return yield* new JobError.JobFaulted<Result>({ ...about, partial: results, reason, message })
      }
      const loss = lossOf(opened)
      if (loss !== undefined) return yield* new JobError.DownloadFailed<Result>({ ...about, ...loss, partial: results })
      const events = [...arrivals(state, known), { _tag: "Finished" as const, results }]
      return [Chunk.fromIterable(events), Option.none()] as const
    })

  const fetchResults = (before: State<Result>, now: number) => {
    const state = { ...before, fetches: fetchBudget.record(before.fetches, now) }
    return Effect.flatMap(Effect.either(source.fetch), (answer): Effect.Effect<Step, E | JobError.JobError<Result>> => {
      if (Either.isLeft(answer)) return afterFailure(state, answer.left)
      const { check, delivered } = answer.right
      if (isOver(check) || state.ended === "stalled") return finish(state, check, delivered)
      return Effect.zipWith(paced(state, check), openAll(delivered, atOnce, state.opened), (seen, opened) => {
        const known = succeeded(opened)
        const fetched = Math.max(state.finished, delivered.length)
        return next({ ...seen, ended: undefined, failures: 0, fetched, opened: known }, arrivals(state, known))
      })
    })
  }

  const afterCheck = (state: State<Result>, check: RequestStatusCheck, now: number) => {
    const isIdle = check.waiting === 0 && check.processing === 0 && !check.done
    const stalledSince = isIdle ? (state.stalledSince ?? now) : undefined
    const impossibleSince = isPossible(check) || isIdle ? undefined : (state.impossibleSince ?? now)
    const seen: State<Result> = {
      ...state,
      failures: 0,
      stalledSince,
      impossibleSince,
      finished: check.finished
    }
    const events = [{ _tag: "Checked" as const, check }]
    if (isOver(check)) return next({ ...seen, ended: "over" }, events)
    if (stalledSince !== undefined && now - stalledSince >= stallGrace)
      return next({ ...seen, ended: "stalled" }, events)
    if (impossibleSince !== undefined && now - impossibleSince >= impossibleAfter) {
      return next({ ...seen, ended: "impossible" }, events)
    }
    return next(seen, events)
  }

  const look = (state: State<Result>, fetches: boolean): Effect.Effect<Step, E | JobError.JobError<Result>> =>
    Effect.gen(function* () {
      if (state.ended === "impossible") return yield* impossible(state)
      if (state.ended !== undefined || fetches) return yield* fetchResults(state, yield* monotonicNow)
      const answer = yield* Effect.either(source.check)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left)
      return afterCheck(yield* paced(state, answer.right), answer.right, yield* Clock.currentTimeMillis)
    })

  /** The deadline holds even where a request hangs. */
  const step = (state: State<Result>): Effect.Effect<Step, E | JobError.JobError<Result>> =>
    Effect.gen(function* () {
      const left = deadline - (yield* Clock.currentTimeMillis)
      if (left <= 0) return yield* timedOut(state)
      const untilFetch = untilNextFetch(state, yield* monotonicNow)
      const pause = state.failures > 0 ? state.delay : state.ended !== undefined ? 0 : Math.min(state.delay, untilFetch)
      return yield* Effect.sleep(pause).pipe(
        Effect.zipRight(look(state, untilFetch <= pause)),
        Effect.timeoutOption(left),
        Effect.flatMap(Option.match({ onNone: () => timedOut(state), onSome: Effect.succeed }))
      )
    })

  const start = (now: number): State<Result> => ({
    pace: pacing.start,
    repliedAt: now,
    delay: 1000,
    failures: 0,
    stalledSince: undefined,
    impossibleSince: undefined,
    ended: undefined,
    finished: 0,
    fetches: [],
    fetched: 0,
    opened: new Map()
  })

  return Stream.unwrap(Effect.map(monotonicNow, (now) => Stream.paginateChunkEffect(start(now), step)))
}
