/**
 * The state of a job as one line of text of a given width: a bar, the number of results, and the expected time.
 *
 * It only makes the text, so it works in a terminal, a chat message or a log. It contains no control characters.
 *
 * @example
 * ```ts
 * import * as ImageGeneration from "effect-horde/ImageGeneration"
 * import * as ProgressLine from "effect-horde/ProgressLine"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const printProgress = (job: ImageGeneration.ImageJob) =>
 *   Stream.runForEach(job.progress, (event) =>
 *     event._tag === "Checked" ? Console.log(ProgressLine.make(event.check, { width: 60 })) : Effect.void
 *   )
 * ```
 *
 * @since 0.1.0
 */
import { viewOf as alchemyView } from "./internal/alchemy/jobView.js"
import type { AlchemyCheck } from "./internal/alchemy/models.js"
import { type JobView, viewOf as jobView } from "./internal/jobs/jobView.js"
import type { RequestStatusCheck } from "./internal/jobs/models.js"

/**
 * The options of {@link make}.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The maximum number of characters; 80 by default. */
  readonly width?: number
  /** The time since the submit, in milliseconds. With it the bar moves by the estimated time, not only by results. */
  readonly elapsed?: number
  /** The word for the work of the workers; `generating` by default. */
  readonly verb?: string
  /** Whether the bar has the characters `█` and `░`, or else `#` and `-`; true by default. */
  readonly unicode?: boolean
}

/** The state of a job, and the number of its results that were requested. */
interface View extends JobView {
  readonly total: number
}

const viewOf = (check: RequestStatusCheck | AlchemyCheck): View => {
  if (!("forms" in check)) {
    const view = jobView(check)
    return { ...view, total: view.finished + view.processing + view.waiting }
  }
  const view = alchemyView(check)
  const total = check.forms.length
  // for the line, cancelled forms are finished too
  return { ...view, total, finished: total - view.processing - view.waiting }
}

/** Seconds as `45 s`, `3 min 20 s` or `1 h 5 min`. */
const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`
  if (minutes > 0) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
  return `${rest} s`
}

/** The parts of the description, the most important one first. */
const partsOf = (view: View, verb: string): ReadonlyArray<string> => {
  if (view.isFaulted) return ["failed"]
  if (view.isOver) return ["done"]
  if (!view.isPossible) return ["no worker can take it"]
  const eta = view.wait_time > 0 ? [`about ${duration(view.wait_time)}`] : []
  if (view.processing > 0 || view.finished > 0) return [verb, ...eta]
  return [...(view.queue_position > 0 ? [`number ${view.queue_position} in the queue`] : ["waiting"]), ...eta]
}

/** The finished share of a job, from 0 to 1; 1 only if the job is over. */
const fractionOf = ({ finished, isOver, total, wait_time: eta }: View, elapsed: number | undefined): number => {
  if (isOver) return 1
  const byResults = total > 0 ? finished / total : 0
  const seconds = (elapsed ?? 0) / 1000
  const byTime = eta > 0 ? seconds / (seconds + eta) : 0
  return Math.min(0.99, Math.max(byResults, byTime))
}

const barOf = (fraction: number, length: number, unicode: boolean): string => {
  const filled = Math.floor(fraction * length)
  const [full, empty] = unicode ? ["█", "░"] : ["#", "-"]
  return full.repeat(filled) + empty.repeat(length - filled)
}

const longestBar = 24
const shortestBar = 6

/**
 * Makes the line. If the width does not suffice for all parts, the bar becomes shorter, then the less important parts
 * are left out; at last the line is cut.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (check: RequestStatusCheck | AlchemyCheck, options: Options = {}): string => {
  const { elapsed, unicode = true, verb = "generating", width = 80 } = options
  const most = Math.max(0, Math.floor(width))
  const view = viewOf(check)
  const count = `${view.finished}/${view.total}`
  const parts = partsOf(view, verb)
  for (const number of parts.length > 1 ? [2, 1] : [1]) {
    const text = `${count}  ${parts.slice(0, number).join(", ")}`
    const space = most - text.length - 2
    if (space >= shortestBar) {
      return `${barOf(fractionOf(view, elapsed), Math.min(longestBar, space), unicode)}  ${text}`
    }
    if (text.length <= most) return text
  }
  return `${count}  ${parts[0]}`.slice(0, most)
}
