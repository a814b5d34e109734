import type { JobView } from "../jobs/jobView.js"
import { type AlchemyCheck, isOpen, isOver } from "./models.js"

/** The state of a job. The server reports no estimate, and not whether a worker can take the job. */
export const viewOf = (check: AlchemyCheck): JobView => {
  const open = check.forms.filter(isOpen).length
  const processing = check.forms.filter(({ state }) => state === "processing").length
  return {
    finished: check.forms.filter(({ state }) => state === "done" || state === "faulted").length,
    processing,
    waiting: open - processing,
    wait_time: 0,
    queue_position: 0,
    isDone: isOver(check),
    isFaulted: check.state === "faulted",
    isOver: isOver(check),
    isPossible: true
  }
}
