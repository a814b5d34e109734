/**
 * The forms of an alchemy job, and their states. A form is a part of the job; its state follows from the attempts at
 * it.
 */
import * as Progress from "../../jobs/progress.js"
import { type Alchemy, type AlchemyForm, maxFormFailures } from "../../state/alchemy.js"
import type { Delivered, Job } from "../../state/job.js"
import { postProcessors } from "../image/schema.js"

export type FormState = "waiting" | "processing" | "done" | "cancelled" | "faulted"

export const isPostProcessor = ({ name }: AlchemyForm): boolean => postProcessors.includes(name)

/** The form that a part of a job stands for. */
export const formOf = ({ request }: Job<Alchemy>, part: number): AlchemyForm => {
  const form = request.forms[part]
  if (form === undefined) throw new Error(`there is no form ${part}`)
  return form
}

/** The attempt that delivered a form. */
export const deliveredAttempt = (job: Job<Alchemy>, part: number): Delivered<Alchemy> | undefined =>
  Progress.delivered(job).find((attempt) => attempt.part === part)

export const stateOf = (job: Job<Alchemy>, part: number): FormState => {
  const outcomes = job.attempts.filter((attempt) => attempt.part === part).map(({ outcome }) => outcome)
  if (outcomes.includes("delivered")) return "done"
  if (outcomes.includes("running")) return "processing"
  if (Progress.failures(job, part) >= maxFormFailures) return "faulted"
  return job.cancels > 0 ? "cancelled" : "waiting"
}
