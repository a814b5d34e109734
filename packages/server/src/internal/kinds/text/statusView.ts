/**
 * The bodies of the submit and status replies.
 */
import { check } from "../../jobs/checkView.js"
import * as Progress from "../../jobs/progress.js"
import { noWorker } from "../../jobs/submission.js"
import type { Job } from "../../state/job.js"
import type { Text } from "../../state/text.js"
import type { World } from "../../state/world.js"
import { stateOf } from "./delivery.js"
import { text } from "./kind.js"

type Body = Readonly<Record<string, unknown>>

/** The body of the 202 reply. Unlike for images, its `kudos` is 0 and it has no warnings. */
export const accepted = ({ id, possible }: Job<Text>): Body =>
  possible.verdict ? { id, kudos: 0 } : { id, kudos: 0, message: noWorker }

export const status = (world: World, job: Job<Text>): Body => ({
  generations: Progress.delivered(job).map(({ delivery, model, worker }) => ({
    text: delivery.result,
    seed: delivery.seed,
    gen_metadata: delivery.metadata,
    worker_id: worker.id,
    worker_name: worker.name,
    model,
    state: stateOf(delivery)
  })),
  ...check(world, text, job)
})
