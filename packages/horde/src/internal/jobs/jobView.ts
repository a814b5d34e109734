/**
 * How a job stands, whatever its kind: what its life cycle, its polls and its recovery are decided by. The counts have
 * the names that they have on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobView {
  /** Results that were delivered. */
  readonly finished: number
  /** Results that a worker is generating. */
  readonly processing: number
  /** Results that no worker has taken yet. */
  readonly waiting: number
  /** An estimate in seconds for the whole job; 0 for none. */
  readonly wait_time: number
  /** Counted from 1; 0 when nothing waits. */
  readonly queue_position: number
  /** Whether the server says that the job is done. It may say so before all results are there. */
  readonly isDone: boolean
  /** Whether the server gave the job up. */
  readonly isFaulted: boolean
  /** Whether no more results will come. There may be fewer than were asked for. */
  readonly isOver: boolean
  /** Whether a worker that is online can take the job, or one has taken it. */
  readonly isPossible: boolean
}
