/**
 * The life cycle of a job, as this program sees it. Pure: a state, an observation and the time give the next state, and
 * either the request that comes next or how the wait ends. All times are in milliseconds of the monotonic clock.
 */
import * as fetchBudget from "./fetchBudget.js"
import type { JobView } from "./jobView.js"
import * as pollInterval from "./pollInterval.js"

/** What does not change while a job is waited for. */
export interface Settings {
  /** How many results were asked for. */
  readonly expected: number
  /** Whether results are fetched one by one. */
  readonly wantsEach: boolean
  /** How long no worker that is online may be able to take the job. */
  readonly impossibleAfter: number
}

/** Why a wait is given up although the server has not ended the job. */
export type GivenUp = "timedOut" | "impossible"

export interface State {
  readonly pace: pollInterval.Pace
  /** When the latest reply came. */
  readonly repliedAt: number
  /** The pause before the next request. */
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
  /** Since when the server's numbers contradict each other, and how often it was polled since. */
  readonly contradicted: { readonly since: number; readonly polls: number } | undefined
  /** Results the server had at the last poll. */
  readonly finished: number
  /** When the latest fetches of results began. */
  readonly fetches: ReadonlyArray<number>
  /** Results the server had at the latest successful fetch. */
  readonly fetched: number
  /** Results that this program has. */
  readonly opened: number
}

export const start = (now: number): State => ({
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
  opened: 0
})

const stallGrace = 60_000
/** After failures, polls become rarer up to this pause. */
const longestBackoff = 30_000
/** How long replies that cannot be decoded are taken for a passing trouble. */
const undecodableGrace = 120_000
/** How long a wait that is given up waits for one last answer. */
export const lastAnswerWithin = 60_000
/** How long numbers may contradict each other, and how often they are asked for again, before they are believed. */
const contradictionGrace = 20_000
const contradictionPolls = 2

/** What comes next. `last` is a fetch whose answer ends a wait that is being given up. */
export interface Next {
  readonly request: "check" | "fetch" | "last"
  /** The pause before the request. */
  readonly after: number
  /** How long the pause and the request may take together. */
  readonly within: number
}

/** How long to wait until results are fetched that are there before the end; `Infinity` where none are wanted. */
const untilNextFetch = (settings: Settings, state: State, now: number): number => {
  if (!settings.wantsEach || state.finished <= state.opened) return Number.POSITIVE_INFINITY
  // results that were fetched and could not be opened are tried again, but not at the expense of others
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

/** The state with the delay that follows from a reply. `random` is from 0 to 1. */
const paced = (settings: Settings, state: State, view: JobView, now: number, random: number): State => {
  const awaited = settings.wantsEach ? "next result" : "end"
  const pace = pollInterval.next(state.pace, { check: view, elapsed: now - state.repliedAt, awaited, random })
  return { ...state, pace, repliedAt: now, delay: pace.delay }
}

const answered = { failures: 0, undecodableSince: undefined } as const

export const giveUp = (state: State, reason: GivenUp, since: number): State => ({
  ...state,
  givenUp: { reason, since },
  delay: 0
})

/** After a poll without results. */
export const afterCheck = (settings: Settings, state: State, view: JobView, now: number, random: number): State => {
  const isIdle = view.waiting === 0 && view.processing === 0 && !view.isDone
  const stalledSince = isIdle ? (state.stalledSince ?? now) : undefined
  const impossibleSince = view.isPossible || isIdle ? undefined : (state.impossibleSince ?? now)
  const seen: State = {
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

/** A fetch of results has begun. */
export const fetching = (state: State, now: number): State => ({
  ...state,
  fetches: fetchBudget.record(state.fetches, now)
})

/** Fewer results than the server says that it has, or a job that is done and waits: replicas may lag behind. */
const isContradictory = (settings: Settings, state: State, view: JobView, delivered: number): boolean => {
  const claimed = Math.min(settings.expected, Math.max(state.finished, view.finished))
  return delivered < claimed || (view.isDone && !view.isFaulted && view.waiting > 0)
}

/** `undefined` once the numbers are to be believed. */
const askAgain = (state: State, now: number): State | undefined => {
  const { polls, since } = state.contradicted ?? { since: now, polls: 0 }
  const left = since + contradictionGrace - now
  if (left <= 0 && polls >= contradictionPolls) return undefined
  const delay = Math.max(1000, Math.min(1000 * 2 ** polls, left))
  return { ...state, ended: state.ended ?? "over", delay, contradicted: { since, polls: polls + 1 } }
}

/**
 * What a fetch means: the job has `ended`, its numbers are asked for `again`, or it `goes on`. `began` is when the
 * request was sent.
 */
export type AfterFetch =
  | { readonly _tag: "ended"; readonly state: State }
  | { readonly _tag: "again"; readonly state: State }
  | { readonly _tag: "goes on"; readonly state: State }

export const afterFetch = (
  settings: Settings,
  state: State,
  view: JobView,
  delivered: number,
  began: number
): AfterFetch => {
  const seen: State = { ...state, ...answered }
  if (!view.isOver && state.ended !== "stalled") return { _tag: "goes on", state: seen }
  const isShort = delivered < settings.expected
  const again = isShort && isContradictory(settings, state, view, delivered) ? askAgain(seen, began) : undefined
  return again === undefined ? { _tag: "ended", state: seen } : { _tag: "again", state: again }
}

/** After results of a job that goes on were opened: `opened` of them are here by now. */
export const afterOpening = (
  settings: Settings,
  state: State,
  view: JobView,
  counts: { readonly delivered: number; readonly opened: number },
  now: number,
  random: number
): State => ({
  ...paced(settings, state, view, now, random),
  ended: undefined,
  fetched: Math.max(state.finished, counts.delivered),
  opened: counts.opened
})

/** Why a job has fewer results than were asked for. */
export const shortBecause = (state: State, view: JobView): "faulted" | "stalled" | "short" =>
  view.isFaulted ? "faulted" : state.ended === "stalled" ? "stalled" : "short"

/** A poll that failed. */
export interface Failure {
  readonly isRetryable: boolean
  readonly isUndecodable: boolean
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfter: number
}

/** After a poll that failed; `undefined` where the failure ends the wait. */
export const afterFailure = (state: State, failure: Failure, now: number): State | undefined => {
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

/** The state after a last poll that shows a worker which can take the job; `undefined` where the wait ends. */
export const reprieve = (state: State, view: JobView): State | undefined =>
  state.givenUp?.reason === "impossible" && view.isPossible && !view.isDone
    ? { ...state, givenUp: undefined, impossibleSince: undefined, delay: 1000 }
    : undefined
