import { isOver, isPossible, type RequestStatusCheck } from "./models.js"

/**
 * The state of a job of any kind, on which its life cycle, polls and recovery depend. The counts have the field names
 * of the API.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobView {
  /** The number of delivered results. */
  readonly finished: number
  /** The number of results that workers are generating. */
  readonly processing: number
  /** The number of results that no worker has started. */
  readonly waiting: number
  /** The estimated remaining time of the whole job in seconds; 0 without an estimate. */
  readonly wait_time: number
  /** The position in the queue, from 1; 0 if no result waits. */
  readonly queue_position: number
  /** The server's `done`, which may be true before all results are available. */
  readonly isDone: boolean
  /** Whether the server gave up the job. */
  readonly isFaulted: boolean
  /** Whether no further results will arrive. There may be fewer than requested. */
  readonly isOver: boolean
  /** Whether an online worker can take the job, or a worker has taken it. */
  readonly isPossible: boolean
}

/** The state of an image or text job, from the server's reply. */
export const viewOf = (check: RequestStatusCheck): JobView => ({
  finished: check.finished,
  processing: check.processing,
  waiting: check.waiting,
  wait_time: check.wait_time,
  queue_position: check.queue_position,
  isDone: check.done,
  isFaulted: check.faulted,
  isOver: isOver(check),
  isPossible: isPossible(check)
})

/** The state of an image or text job, from a reply that also has its results. */
export const withoutResults = ({
  generations: _,
  ...check
}: RequestStatusCheck & { readonly generations: unknown }): RequestStatusCheck => check
