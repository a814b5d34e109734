import type { JobView } from "../jobs/jobView.js"
import { isOver, isPossible, type RequestStatusCheck } from "../jobs/models.js"

/** The state of an image job, from the reply to a check. */
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
