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
  readonly delay: number
  /** Looks in a row that failed. */
  readonly failures: number
  readonly stalledSince: number | undefined
  readonly impossibleSince: number | undefined
  /** How the job ended, once it has: then only its results are left to be fetched. */
  readonly ended: Ended | undefined
  /** Results the server had at the last look. */
  readonly finished: number
  readonly fetchedAt: number
  readonly opened: ReadonlyMap<string, Result>
}

const stallGrace = 60_000
const maxFailures = 10
/** The server lets each job's results be fetched ten times a minute; two are kept for the end: one may be for fresh links. */
const betweenFetches = 7600

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

  const fetchResults = (state: State<Result>, now: number) =>
    Effect.flatMap(Effect.either(source.fetch), (answer): Effect.Effect<Step, E | JobError.JobError<Result>> => {
      if (Either.isLeft(answer)) return afterFailure({ ...state, fetchedAt: now }, answer.left)
      const { check, delivered } = answer.right
      if (state.ended !== undefined && (isOver(check) || state.ended === "stalled"))
        return finish(state, check, delivered)
      return Effect.map(openAll(delivered, atOnce, state.opened), (opened) => {
        const known = succeeded(opened)
        return next(
          { ...state, ended: undefined, failures: 0, fetchedAt: now, opened: known, delay: 1000 },
          arrivals(state, known)
        )
      })
    })

  const afterCheck = (state: State<Result>, check: RequestStatusCheck, now: number, random: number) => {
    const isIdle = check.waiting === 0 && check.processing === 0 && !check.done
    const stalledSince = isIdle ? (state.stalledSince ?? now) : undefined
    const impossibleSince = isPossible(check) || isIdle ? undefined : (state.impossibleSince ?? now)
    const pace = pacing.after(state.pace, check.wait_time)
    const seen: State<Result> = {
      ...state,
      pace,
      delay: pacing.delay(pace, check.wait_time, random),
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

  const look = (state: State<Result>): Effect.Effect<Step, E | JobError.JobError<Result>> =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (state.ended === "impossible") return yield* impossible(state)
      if (state.ended !== undefined) return yield* fetchResults(state, now)
      const isNews = wantsEach && state.finished > state.opened.size
      if (isNews && now - state.fetchedAt >= betweenFetches) return yield* fetchResults(state, now)
      const answer = yield* Effect.either(source.check)
      if (Either.isLeft(answer)) return yield* afterFailure(state, answer.left)
      return afterCheck(state, answer.right, yield* Clock.currentTimeMillis, yield* Random.next)
    })

  /** The deadline holds even where a request hangs. */
  const step = (state: State<Result>): Effect.Effect<Step, E | JobError.JobError<Result>> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const left = deadline - now
      if (left <= 0) return timedOut(state)
      const pause = state.ended !== undefined && state.failures === 0 ? 0 : state.delay
      return Effect.sleep(pause).pipe(
        Effect.zipRight(look(state)),
        Effect.timeoutOption(left),
        Effect.flatMap(Option.match({ onNone: () => timedOut(state), onSome: Effect.succeed }))
      )
    })

  return Stream.paginateChunkEffect(
    {
      pace: pacing.start,
      delay: 1000,
      failures: 0,
      stalledSince: undefined,
      impossibleSince: undefined,
      ended: undefined,
      finished: 0,
      fetchedAt: Number.NEGATIVE_INFINITY,
      opened: new Map()
    } satisfies State<Result> as State<Result>,
    step
  )
}
