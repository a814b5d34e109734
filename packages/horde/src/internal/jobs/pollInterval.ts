/**
 * The interval between the polls of a job. Pure: the previous state, a reply of the server, the elapsed time and a
 * random number give the next state, which has the delay. All times are in milliseconds.
 *
 * The server's `wait_time` is an estimate for the whole job. If the predicted end moves into the future, or the queue
 * moves more slowly than predicted, the interval grows.
 */
import type { JobView } from "./jobView.js"

const second = 1000

/** The server caches its replies for a second. */
const shortest = second
const longest = 10 * second
/** An estimate of at most this time is waited for in full. */
const nearEnd = 2 * second
/** A job in the queue still has to be generated, so it is polled less often. */
const shortestInQueue = 2 * second
/** The longest delays with an unreliable estimate, and without one: the job may end at any moment. */
const longestInDoubt = 6 * second
const longestWithoutEstimate = 5 * second
/**
 * With results as they arrive: including the age of the reply and the fetch, a result is delivered within three
 * seconds.
 */
const shortestForResults = 1.6 * second

/** The number of consecutive polls without an estimate after which the interval grows. */
const maxBlanks = 10
/** A usual time for a result: an estimate below it does not count as wrong. */
const usualTime = 4 * second
/** The server keeps a job for twenty minutes after its last progress, so longer estimates are capped. */
const longestEstimate = 20 * 60 * second
/** Longer estimates, in seconds, are ignored. */
const absurdWaitTime = 24 * 60 * 60
/** The maximum time between two replies that counts, because a machine may have been suspended. */
const longestStep = 60 * second

/** The awaited event. */
export type Awaited = "end" | "next result"

/** A reply of the server, and the time since the previous one. */
export interface Observation {
  readonly check: Pick<JobView, "finished" | "processing" | "queue_position" | "wait_time" | "waiting">
  /** Milliseconds since the previous reply, or since the submit, by a monotonic clock. */
  readonly elapsed: number
  readonly awaited: Awaited
  /** From 0 to 1. Increases the delay by up to a fifth, so that clients that started together do not poll together. */
  readonly random: number
}

/** The pace of a job. Points in time are milliseconds since its submit. */
export interface Pace {
  /** The delay until the next poll, in whole milliseconds. */
  readonly delay: number
  /** The expected time until the awaited event. If polls are limited, the job with the shortest time has priority. */
  readonly remaining: number
  /** The time of the latest reply. */
  readonly now: number
  /** The last time at which the job progressed: in the queue, to a worker, or by a result. */
  readonly progressedAt: number
  /** The last time at which a worker started or delivered a result. */
  readonly workedAt: number
  /** The earliest predicted end since the last progress; `Infinity` without an estimate. */
  readonly predictedEnd: number
  /** The number of consecutive replies without an estimate. */
  readonly blanks: number
  readonly finished: number
  readonly processing: number
  readonly position: number
  /** The time in which the queue moves by one place; 0 until it has moved. */
  readonly placeTime: number
  /** The position and the time at the start of that measurement. */
  readonly queuedFrom: { readonly position: number; readonly time: number }
}

export const start: Pace = {
  delay: shortest,
  remaining: 0,
  now: 0,
  progressedAt: 0,
  workedAt: 0,
  predictedEnd: Number.POSITIVE_INFINITY,
  blanks: 0,
  finished: 0,
  processing: 0,
  position: 0,
  placeTime: 0,
  queuedFrom: { position: 0, time: 0 }
}

/** A number of a reply, clamped; the lower bound if it is not a number. */
const clamp = (value: number, least: number, most: number): number => (value > least ? Math.min(value, most) : least)

const countOf = (value: number): number => clamp(value, 0, Number.MAX_SAFE_INTEGER)

/** 0 without an estimate, or for an implausible one. */
const estimateOf = (waitTime: number): number =>
  waitTime <= absurdWaitTime ? clamp(waitTime * second, 0, longestEstimate) : 0

/** The time estimated from the queue: a result takes at least as long as one place in the queue. */
const queueEstimate = ({ now, placeTime, position, progressedAt }: Pace): number =>
  Math.max(0, placeTime * (position + 1) - (now - progressedAt))

/**
 * The additional time that a job may take because its estimates were wrong: the time by which the predicted end has
 * moved since the last progress. It counts in full if the job took four times as long as predicted, and not at all if
 * it took less than twice as long, which is usual.
 */
const doubt = ({ now, placeTime, predictedEnd, processing, progressedAt }: Pace, estimate: number): number => {
  const excused = progressedAt + placeTime + (processing > 0 ? usualTime : 0)
  const receded = now + estimate - Math.max(predictedEnd, excused)
  return receded > 0 ? receded * clamp(4 * (receded / (now - progressedAt)) - 2, 0, 1) : 0
}

const delayWithoutEstimate = (blanks: number): number =>
  blanks > maxBlanks ? Math.min(second * 1.3 ** (blanks - maxBlanks), longestWithoutEstimate) : 0

const delayInDoubt = (pace: Pace, doubted: number): number =>
  Math.min(pace.processing > 0 ? 0.5 * doubted : doubted, longestInDoubt)

/**
 * The longest delay. The estimate applies to the whole job, and the first of several results may arrive long before. So
 * each result is polled with short delays, which grow with the time that it takes.
 */
const limit = (pace: Pace, awaited: Awaited, left: number): number => {
  const isOnly = left <= 1 && pace.finished === 0
  if (awaited === "end" || isOnly) return longest
  const share = pace.processing > 0 || pace.finished > 0 ? 0.1 : 0.25
  return clamp((pace.now - pace.workedAt) * share, shortestForResults, longest)
}

/** The state with the progress that a reply reports. */
const observe = (pace: Pace, { check, elapsed }: Observation, estimate: number): Pace => {
  const finished = countOf(check.finished)
  const processing = countOf(check.processing)
  const position = countOf(check.queue_position)
  const now = pace.now + clamp(elapsed, 0, longestStep)
  const isWork = finished > pace.finished || processing > pace.processing
  const hasMovedUp = position > 0 && position < pace.position
  const isProgress = isWork || hasMovedUp
  const predicted = estimate > 0 ? now + estimate : Number.POSITIVE_INFINITY
  const { queuedFrom } = pace
  // accounts with more kudos may push the job back: the measurement then restarts
  const isBack = position > queuedFrom.position
  return {
    ...pace,
    now,
    progressedAt: isProgress ? now : pace.progressedAt,
    workedAt: isWork ? now : pace.workedAt,
    predictedEnd: isProgress ? predicted : Math.min(pace.predictedEnd, predicted),
    blanks: estimate > 0 ? 0 : Math.min(pace.blanks + 1, isProgress ? maxBlanks : Number.MAX_SAFE_INTEGER),
    finished,
    processing,
    position,
    placeTime: isBack ? 0 : hasMovedUp ? (now - queuedFrom.time) / (queuedFrom.position - position) : pace.placeTime,
    queuedFrom: isBack ? { position, time: now } : queuedFrom
  }
}

/** The state after a reply, with the delay until the next poll. */
export const next = (pace: Pace, observation: Observation): Pace => {
  const { awaited, check, random } = observation
  const left = Math.max(1, countOf(check.waiting) + countOf(check.processing))
  const estimate = estimateOf(check.wait_time) / (awaited === "end" ? 1 : left)
  const seen = observe(pace, observation, estimate)
  const doubted = doubt(seen, estimate)
  const expected = Math.max(estimate, queueEstimate(seen))
  const isQueued = check.waiting > 0 && check.processing === 0 && seen.predictedEnd < Number.POSITIVE_INFINITY
  const wanted = Math.max(
    isQueued ? shortestInQueue : shortest,
    expected <= nearEnd ? expected : 0.5 * expected,
    delayInDoubt(seen, doubted),
    delayWithoutEstimate(seen.blanks)
  )
  return {
    ...seen,
    remaining: Math.max(expected, doubted),
    delay: Math.round(Math.min(wanted, limit(seen, awaited, left)) * (1 + 0.2 * random))
  }
}
