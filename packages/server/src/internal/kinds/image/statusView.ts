/**
 * The bodies of the submit, check and status replies.
 */
import * as CheckView from "../../jobs/checkView.js"
import * as Progress from "../../jobs/progress.js"
import { noWorker } from "../../jobs/submission.js"
import type { Image } from "../../state/image.js"
import type { Job } from "../../state/job.js"
import type { World } from "../../state/world.js"
import { image } from "./kind.js"
import * as Kudos from "./kudos.js"
import * as Pictures from "./pictures.js"

type Body = Readonly<Record<string, unknown>>

/** The body of the 202 reply. */
export const accepted = (job: Job<Image>): Body => {
  const kudos = Kudos.replied(job.request)
  if (job.possible.verdict) return { id: job.id, kudos }
  return { id: job.id, kudos, message: noWorker, warnings: [{ code: "NoAvailableWorker", message: noWorker }] }
}

export const check = (world: World, job: Job<Image>): Body => CheckView.check(world, image, job)

export const status = (world: World, job: Job<Image>): Body => ({
  generations: Progress.delivered(job).map((attempt) => ({
    img: Pictures.imageField(world, attempt),
    seed: String(attempt.delivery.seed),
    id: attempt.id,
    censored: attempt.delivery.censored,
    gen_metadata: attempt.delivery.metadata,
    worker_id: attempt.worker.id,
    worker_name: attempt.worker.name,
    model: attempt.model,
    state: "ok"
  })),
  shared: false,
  ...check(world, job)
})
