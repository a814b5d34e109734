/**
 * The life cycle of a job in this program. Pure: a state, an observation and the time give the next state and the next
 * request, or the end of the wait. All times are in milliseconds of the monotonic clock.
 */
import * as fetchBudget from "./fetchBudget.js"
import type { JobView } from "./jobView.js"
import * as pollInterval from "./pollInterval.js"

/** The constant settings of a wait. */
export interface Settings {
  /** The number of requested results. */
  readonly expected: number
  /** Whether finished results are fetched before the end of the job. */
  readonly wantsEach: boolean
  /** The maximum time without an online worker that can take the job. */
  readonly impossibleAfter: number
}

/** Why the client gives up a job that the server has not ended. */
export type GivenUp = "timedOut" | "impossible"

export interface State<Result = unknown> {
  readonly pace: pollInterval.Pace
  /** The time of the latest reply. */
  readonly repliedAt: number
  /** The pause before the next request. */
  readonly delay: number
  /** The number of consecutive failed polls. */
  readonly failures: number
  /** The start of a series of replies that cannot be decoded. */
  readonly undecodableSince: number | undefined
  readonly stalledSince: number | undefined
  readonly impossibleSince: number | undefined
  /** The end of the job: only its results remain to be fetched. */
  readonly ended: "over" | "stalled" | undefined
  /** The start and reason of giving up: one more poll must be answered first. */
  readonly givenUp: { readonly reason: GivenUp; readonly since: number } | undefined
  /** The start of contradictory counts in replies, and the number of polls since. */
  readonly contradicted: { readonly since: number; readonly polls: number } | undefined
  /** The number of results on the server at the last poll. */
  readonly finished: number
  /** The start times of the latest fetches of results. */
  readonly fetches: ReadonlyArray<number>
  /** The number of results on the server at the last successful fetch. */
  readonly fetched: number
  /** The downloaded results. */
  readonly results: ReadonlyMap<string, Result>
}

const noResults: ReadonlyMap<string, never> = new Map<string, never>()

export const start = (now: number): State<never> => ({
  pace: pollInterval.start,
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
  results: noResults
})

const stallGrace = 60_000
/** The maximum pause after failed polls. */
const longestBackoff = 30_000
/** How long replies that cannot be decoded count as a transient failure. */
const undecodableGrace = 120_000
/** The time-out of the last poll before the client gives up. */
export const lastAnswerWithin = 60_000
/** The time and the number of polls after which contradictory counts are accepted. */
const contradictionGrace = 20_000
const contradictionPolls = 2

/** The next request. `last` is the fetch before the client gives up. */
export interface Next {
  readonly request: "check" | "fetch" | "last"
  /** The pause before the request. */
  readonly after: number
  /** The time limit of the pause and the request together. */
  readonly within: number
}

/** The wait until the next fetch of results before the end; `Infinity` if results are fetched only at the end. */
const untilNextFetch = (settings: Settings, state: State, now: number): number => {
  if (!settings.wantsEach || state.finished <= state.results.size) return Number.POSITIVE_INFINITY
  // results whose download failed are fetched again, but new results have priority
  const toCome = state.finished > state.fetched ? settings.expected - state.fetched : Number.POSITIVE_INFINITY
  return fetchBudget.untilNext(state.fetches, toCome, now)
}

/** The next request, with `deadline` milliseconds left until the deadline. */
export const next = (settings: Settings, state: State, now: number, deadline: number): Next => {
  if (state.givenUp !== undefined) {
    const within = Math.max(0, state.givenUp.since + lastAnswerWithin - now)
    return { request: "last", after: Math.min(state.delay, within), within }
  }
  const untilFetch = state.failures > 0 ? Number.POSITIVE_INFINITY : untilNextFetch(settings, state, now)
  const after = Math.min(state.delay, untilFetch)
  const request = state.ended !== undefined || untilFetch <= after ? "fetch" : "check"
  return { request, after, within: deadline }
}

/** The state with the delay after a reply. `random` is from 0 to 1. */
const paced = <R>(settings: Settings, state: State<R>, view: JobView, now: number, random: number): State<R> => {
  const awaited = settings.wantsEach ? "next result" : "end"
  const pace = pollInterval.next(state.pace, { check: view, elapsed: now - state.repliedAt, awaited, random })
  return { ...state, pace, repliedAt: now, delay: pace.delay }
}

const answered = { failures: 0, undecodableSince: undefined } as const

export const giveUp = <R>(state: State<R>, reason: GivenUp, since: number): State<R> => ({
  ...state,
  givenUp: { reason, since },
  delay: 0
})

/** The state after a successful check. */
export const afterCheck = <R>(
  settings: Settings,
  state: State<R>,
  view: JobView,
  now: number,
  random: number
): State<R> => {
  const isIdle = view.waiting === 0 && view.processing === 0 && !view.isDone
  const stalledSince = isIdle ? (state.stalledSince ?? now) : undefined
  const impossibleSince = view.isPossible || isIdle ? undefined : (state.impossibleSince ?? now)
  const seen: State<R> = {
    ...paced(settings, state, view, now, random),
    ...answered,
    stalledSince,
    impossibleSince,
    finished: view.finished
  }
  if (view.isOver) return { ...seen, ended: "over", delay: 0 }
  if (stalledSince !== undefined && now - stalledSince >= stallGrace) return { ...seen, ended: "stalled", delay: 0 }
  if (impossibleSince !== undefined && now - impossibleSince >= settings.impossibleAfter) {
    return giveUp(seen, "impossible", now)
  }
  return seen
}

/** The state when a fetch of results starts. */
export const fetching = <R>(state: State<R>, now: number): State<R> => ({
  ...state,
  fetches: fetchBudget.record(state.fetches, now)
})

/** Whether a reply has fewer results than it counts, or a done job has waiting results: a replica may lag behind. */
const isContradictory = (settings: Settings, state: State, view: JobView, delivered: number): boolean => {
  const claimed = Math.min(settings.expected, Math.max(state.finished, view.finished))
  return delivered < claimed || (view.isDone && !view.isFaulted && view.waiting > 0)
}

/** `undefined` once contradictory counts are accepted. */
const askAgain = <R>(state: State<R>, now: number): State<R> | undefined => {
  const { polls, since } = state.contradicted ?? { since: now, polls: 0 }
  const left = since + contradictionGrace - now
  if (left <= 0 && polls >= contradictionPolls) return undefined
  const delay = Math.max(1000, Math.min(1000 * 2 ** polls, left))
  return { ...state, ended: state.ended ?? "over", delay, contradicted: { since, polls: polls + 1 } }
}

/**
 * The result of a fetch: the job has `ended`, contradictory counts are fetched `again`, or the job `goes on`. `began`
 * is the time at which the request was sent.
 */
export interface AfterFetch<R> {
  readonly _tag: "ended" | "again" | "goes on"
  readonly state: State<R>
}

export const afterFetch = <R>(
  settings: Settings,
  state: State<R>,
  view: JobView,
  delivered: number,
  began: number
): AfterFetch<R> => {
  const seen: State<R> = { ...state, ...answered }
  if (!view.isOver && state.ended !== "stalled") return { _tag: "goes on", state: seen }
  const isShort = delivered < settings.expected
  const again = isShort && isContradictory(settings, state, view, delivered) ? askAgain(seen, began) : undefined
  return again === undefined ? { _tag: "ended", state: seen } : { _tag: "again", state: again }
}

/** The state after the download of results of an unfinished job, which has `delivered` results so far. */
export const afterOpening = <R>(
  settings: Settings,
  state: State<R>,
  view: JobView,
  { delivered, results }: { readonly delivered: number; readonly results: ReadonlyMap<string, R> },
  now: number,
  random: number
): State<R> => ({
  ...paced(settings, state, view, now, random),
  ended: undefined,
  fetched: Math.max(state.finished, delivered),
  results
})

/** Why a job has fewer results than requested. */
export const shortBecause = (state: State, view: JobView): "faulted" | "stalled" | "short" =>
  view.isFaulted ? "faulted" : state.ended === "stalled" ? "stalled" : "short"

/** A failed poll. */
export interface Failure {
  readonly isRetryable: boolean
  readonly isUndecodable: boolean
  /** The server's `Retry-After` in milliseconds; 0 without one. */
  readonly retryAfter: number
}

/** The state after a failed poll; `undefined` if the failure ends the wait. */
export const afterFailure = <R>(state: State<R>, failure: Failure, now: number): State<R> | undefined => {
  const undecodableSince = failure.isUndecodable ? (state.undecodableSince ?? now) : undefined
  const isPassing = undecodableSince !== undefined && now - undecodableSince < undecodableGrace
  if (!failure.isRetryable && !isPassing) return undefined
  const backoff = Math.min(Math.round(Math.max(state.delay, 1000) * 1.5), longestBackoff)
  return {
    ...state,
    failures: state.failures + 1,
    undecodableSince,
    delay: Math.max(backoff, failure.retryAfter)
  }
}

/** The state after a last poll that reports a worker which can take the job; `undefined` if the wait ends. */
export const reprieve = <R>(state: State<R>, view: JobView): State<R> | undefined =>
  state.givenUp?.reason === "impossible" && view.isPossible && !view.isDone
    ? { ...state, givenUp: undefined, impossibleSince: undefined, delay: 1000 }
    : undefined
