/**
 * The bodies of the replies about alchemy jobs.
 */
import * as JobFaults from "../../faults/jobFaults.js"
import * as Queue from "../../jobs/queue.js"
import type { Alchemy, AlchemyForm } from "../../state/alchemy.js"
import type { Attempt, Job } from "../../state/job.js"
import * as Links from "../../state/links.js"
import type { Worker } from "../../state/worker.js"
import type { World } from "../../state/world.js"
import { isLink } from "../sourceImage.js"
import { deliveredAttempt, type FormState, formOf, isPostProcessor, stateOf } from "./forms.js"
import { alchemy } from "./kind.js"

type Fields = Readonly<Record<string, unknown>>

/** The body of the 202 reply. */
export const accepted = ({ id }: Job<Alchemy>): Fields => ({ id })

const overall = (states: ReadonlyArray<FormState>): FormState | "partial" => {
  if (states.every((state) => state === "faulted")) return "faulted"
  if (states.every((state) => state === "done")) return "done"
  return (["processing", "waiting"] as const).find((state) => states.includes(state)) ?? "partial"
}

/** A result with links, or `N/A`, in place of `R2`, which stands for the picture that the worker uploaded. */
const resultOf = (world: World, job: Job<Alchemy>, part: number): Fields => {
  const attempt = deliveredAttempt(job, part)
  if (attempt === undefined) return {}
  const link = () =>
    JobFaults.apply(world, job, "UnavailableImage")
      ? "N/A"
      : Links.download(world, attempt.id, JobFaults.apply(world, job, "ExpiredLink"))
  const values = Object.entries(attempt.delivery.result)
  return { result: Object.fromEntries(values.map(([name, value]) => [name, value === "R2" ? link() : value])) }
}

/** The job with its forms in this order; by default the form that was changed last is at the end. */
export const status = (world: World, job: Job<Alchemy>, order: ReadonlyArray<number> = job.parts): Fields => {
  const forms = order.map((part) => ({
    form: formOf(job, part).name,
    state: stateOf(job, part),
    ...resultOf(world, job, part)
  }))
  return { state: overall(forms.map(({ state }) => state)), forms }
}

/** The reasons that a pop's reply may contain. */
const counted: ReadonlySet<string> = new Set(["worker_id", "untrusted", "bridge_version"])

const sourceImage = (world: World, { id, request }: Job<Alchemy>): string =>
  isLink(request.sourceImage) ? request.sourceImage : Links.download(world, id, false)

const task = (world: World, job: Job<Alchemy>, form: AlchemyForm): Fields => ({
  id: form.id,
  form: form.name,
  ...(form.payload === undefined || Object.keys(form.payload).length === 0 ? {} : { payload: form.payload }),
  source_image: sourceImage(world, job),
  ...(isPostProcessor(form) ? { r2_upload: Links.upload(world, form.id) } : {})
})

/** The forms that are assigned to the worker; without any, the number of skipped jobs by reason. */
export const popped = (world: World, worker: Worker<Alchemy>, attempts: ReadonlyArray<Attempt<Alchemy>>): Fields => {
  if (attempts.length > 0) {
    return { forms: attempts.map(({ job, part }) => task(world, job, formOf(job, part))), skipped: {} }
  }
  const skipped = [...Queue.skipped(world, alchemy, worker)].filter(([reason]) => counted.has(reason))
  return { forms: null, skipped: Object.fromEntries(skipped) }
}
