/**
 * The progress of a job, derived from its attempts.
 */
import type { Delivered, Job } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { JobRecord } from "../state/records.js"

export const running = (job: Job): number => job.attempts.filter((attempt) => attempt.outcome === "running").length

/** How many attempts at a part of the job have failed. */
export const failures = ({ attempts }: Job, part: number): number =>
  attempts.filter((attempt) => attempt.part === part && attempt.outcome === "failed").length

export const isDelivered = ({ attempts }: Job, part: number): boolean =>
  attempts.some((attempt) => attempt.part === part && attempt.delivery !== undefined)

export const delivered = <T extends Types>(job: Job<T>): ReadonlyArray<Delivered<T>> =>
  job.attempts.filter((attempt): attempt is Delivered<T> => attempt.delivery !== undefined)

/**
 * Whether replies say `done`. The real server subtracts running attempts from the ended ones, so a job with two failed
 * attempts is done while its third attempt runs.
 */
export const isDone = (job: Job): boolean => {
  if (job.faulted) return true
  if (job.stalled) return false
  return job.slots === 0 && delivered(job).length + job.failed - running(job) >= job.target
}

/** Whether the job is over: no more generations will be delivered. */
export const isOver = (job: Job): boolean => job.stalled || (isDone(job) && (job.faulted || running(job) === 0))

/** Waiting generations as replies show them, capped so that the three counts do not exceed the target. */
export const waiting = (job: Job): number =>
  Math.max(0, Math.min(job.slots, job.target - running(job) - delivered(job).length))

/** The state for the server's own record. */
export const state = (job: Job): JobRecord["state"] => {
  if (job.cancelledAt !== undefined) return "cancelled"
  if (job.faulted) return "faulted"
  if (delivered(job).length >= job.request.n) return "finished"
  if (isOver(job)) return "short"
  if (job.gone) return "expired"
  return running(job) > 0 ? "processing" : "waiting"
}
