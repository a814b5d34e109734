/**
 * How long to wait until the next poll of a job. Pure: the state of before, one reply of the server, the time that
 * passed and a random number give the next state, which holds the delay. All times are in milliseconds.
 *
 * The server's `wait_time` is an estimate for the whole job. It is followed as long as it agrees with what happens:
 * where the end that it predicts recedes as time passes, or where the queue moves more slowly, polls become rarer.
 */
import type { JobView } from "./jobView.js"

const second = 1000

/** The server caches its replies for a second. */
const shortest = second
const longest = 10 * second
/** While no worker has the job, it takes at least one more poll, and the time that the worker needs. */
const shortestInQueue = 2 * second
/** The longest delays for lack of trust in an estimate, and for lack of any: the job may be over at any moment. */
const longestInDoubt = 6 * second
const longestWithoutEstimate = 5 * second
/** For each result as it arrives: with the age of the reply and the fetch added, it is in hand within three seconds. */
const shortestForResults = 1.6 * second

/** Polls in a row without an estimate before they become rarer. */
const patience = 10
/** The time for a result that needs no explanation, however short the estimate was. */
const usualTime = 4 * second
/** Jobs are kept for twenty minutes after their last progress; a delay needs no longer estimate. */
const longestEstimate = 20 * 60 * second
/** Beyond this many seconds it is no estimate. */
const absurdWaitTime = 24 * 60 * 60
/** Time between two replies that counts: a suspended machine learned nothing about the job. */
const longestStep = 60 * second

/** What is awaited: the end of the job, or its next result. */
export type Awaited = "end" | "next result"

/** A reply of the server, and when it came. */
export interface Observation {
  readonly check: Pick<JobView, "finished" | "processing" | "queue_position" | "wait_time" | "waiting">
  /** Milliseconds since the reply before, or since the submit, by a monotonic clock. */
  readonly elapsed: number
  readonly awaited: Awaited
  /** From 0 to 1. Lengthens the delay by up to a fifth, so that clients that started together spread out. */
  readonly random: number
}

/** What is known about one job's speed. Points in time are milliseconds since its submit. */
export interface Pace {
  /** Until the next poll, in whole milliseconds. */
  readonly delay: number
  /** The expected time until what is awaited. Where polls are limited, the job with the least goes first. */
  readonly remaining: number
  /** The time of the latest reply. */
  readonly now: number
  /** When the job last came closer to its end: in the queue, to a worker, or by a result. */
  readonly progressedAt: number
  /** When a worker last took, or delivered, a result. */
  readonly workedAt: number
  /** The earliest end that was predicted since the last progress; `Infinity` without an estimate. */
  readonly predictedEnd: number
  /** Replies in a row without an estimate. */
  readonly blanks: number
  readonly finished: number
  readonly processing: number
  readonly position: number
  /** The time in which the queue moved by one place; 0 before it moved. */
  readonly placeTime: number
  /** The position and the time from which that is measured. */
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

/** A number of a reply within bounds; the least for what is not a number. */
const clamp = (value: number, least: number, most: number): number => (value > least ? Math.min(value, most) : least)

const countOf = (value: number): number => clamp(value, 0, Number.MAX_SAFE_INTEGER)

/** 0 for no estimate, and for a value that cannot be one. */
const estimateOf = (waitTime: number): number =>
  waitTime <= absurdWaitTime ? clamp(waitTime * second, 0, longestEstimate) : 0

/** The time by the speed of the queue: a worker needs at least as long for the result as the queue for one place. */
const queueEstimate = ({ now, placeTime, position, progressedAt }: Pace): number =>
  Math.max(0, placeTime * (position + 1) - (now - progressedAt))

/**
 * How much longer the job may take because its estimates were wrong. Since the last progress, the predicted end has
 * receded by some time. It may recede by as much again if the time was four times as long as predicted; not if it was
 * less than twice as long, which is usual.
 */
const doubt = ({ now, placeTime, predictedEnd, processing, progressedAt }: Pace, estimate: number): number => {
  const excused = progressedAt + placeTime + (processing > 0 ? usualTime : 0)
  const receded = now + estimate - Math.max(predictedEnd, excused)
  return receded > 0 ? receded * clamp(4 * (receded / (now - progressedAt)) - 2, 0, 1) : 0
}

const delayWithoutEstimate = (blanks: number): number =>
  blanks > patience ? Math.min(second * 1.3 ** (blanks - patience), longestWithoutEstimate) : 0

const delayInDoubt = (pace: Pace, doubted: number): number =>
  Math.min(pace.processing > 0 ? 0.5 * doubted : doubted, longestInDoubt)

/**
 * The longest delay. The first of several results may come long before an estimate that is for all of them, so each is
 * waited for with short delays, which grow with the time that it takes.
 */
const limit = (pace: Pace, awaited: Awaited, left: number): number => {
  const isOnly = left <= 1 && pace.finished === 0
  if (awaited === "end" || isOnly) return longest
  const share = pace.processing > 0 || pace.finished > 0 ? 0.1 : 0.25
  return clamp((pace.now - pace.workedAt) * share, shortestForResults, longest)
}

/** The state with what the reply says about progress. */
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
  // others with more kudos may push the job back: its speed is then measured anew
  const isBack = position > queuedFrom.position
  return {
    ...pace,
    now,
    progressedAt: isProgress ? now : pace.progressedAt,
    workedAt: isWork ? now : pace.workedAt,
    predictedEnd: isProgress ? predicted : Math.min(pace.predictedEnd, predicted),
    blanks: estimate > 0 ? 0 : Math.min(pace.blanks + 1, isProgress ? patience : Number.MAX_SAFE_INTEGER),
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
    0.35 * expected,
    delayInDoubt(seen, doubted),
    delayWithoutEstimate(seen.blanks)
  )
  return {
    ...seen,
    remaining: Math.max(expected, doubted),
    delay: Math.round(Math.min(wanted, limit(seen, awaited, left)) * (1 + 0.2 * random))
  }
}
