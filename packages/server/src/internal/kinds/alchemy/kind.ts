/**
 * Alchemy jobs as a kind of jobs.
 */

import type { JobKind, Settlement } from "../../jobs/kind.js"
import { applying } from "../../jobs/obstacles.js"
import * as Progress from "../../jobs/progress.js"
import {
  type Alchemy,
  type AlchemyAbilities,
  type AlchemyForm,
  type AlchemyRequest,
  maxFormFailures
} from "../../state/alchemy.js"
import type { Job } from "../../state/job.js"
import { refuse, refuseNul } from "../../state/refusal.js"
import type { Worker } from "../../state/worker.js"
import type { World } from "../../state/world.js"
import { checkSource, isLink } from "../sourceImage.js"
import { formOf, isPostProcessor } from "./forms.js"
import { produce } from "./produce.js"

/** The waiting forms that a worker serves, the one that waits for longest first. Built-in workers serve all forms. */
const open = (job: Job<Alchemy>, abilities: AlchemyAbilities | undefined): ReadonlyArray<number> =>
  job.parts.filter((part) => {
    const isTaken = job.attempts.some(
      (attempt) => attempt.part === part && (attempt.outcome === "running" || attempt.outcome === "delivered")
    )
    const isLost = Progress.failures(job, part) >= maxFormFailures
    return !isTaken && !isLost && (abilities === undefined || abilities.forms.includes(formOf(job, part).name))
  })

const next = (_world: World, job: Job<Alchemy>, { abilities }: Worker<Alchemy>) => {
  const [part = 0] = open(job, abilities)
  return { part, id: formOf(job, part).id }
}

/** A host below `invalid` never exists. The embedded horde fetches no other links, and accepts them. */
const checkRequest = ({ sourceImage }: AlchemyRequest): void => {
  if (isLink(sourceImage) && (!URL.canParse(sourceImage) || new URL(sourceImage).hostname.endsWith(".invalid"))) {
    refuse(400, "SourceImageUrlInvalid", "The source image could not be downloaded")
  }
  checkSource(sourceImage)
}

/** The reward of a post-processor depends on the size of the source image: here every image counts as one tile. */
const rewardFor = (form: AlchemyForm): number => (form.name === "interrogation" || isPostProcessor(form) ? 3 : 1)

const settle = (form: AlchemyForm): Settlement => {
  const reward = rewardFor(form)
  return { price: reward + 1, reward, credited: reward, used: 1, contributed: 1 }
}

export const alchemy: JobKind<Alchemy> = {
  name: "alchemy",
  poolOf: (world) => world.alchemy,
  moderate: (_world, _sender, request) => request,
  checks: {
    request: checkRequest,
    storable: ({ forms, webhook }) => refuseNul([forms, webhook]),
    stored: () => {},
    limits: () => []
  },
  styles: undefined,
  prices: {
    tax: () => 0,
    dryRun: () => 0,
    key: () => "",
    estimate: () => 0,
    neededUpfront: () => false,
    smaller: (request) => request
  },
  sharedKeys: false,
  quota: { factor: 10, countsRunning: true, byModel: false },
  needsModels: false,
  parts: ({ forms }) => forms.length,
  next,
  seed: () => 0,
  timeLimit: () => 180_000,
  settle: ({ job, part }) => settle(formOf(job, part)),
  settleCancelled: ({ job, part }) => settle(formOf(job, part)),
  retries: () => true,
  cancelledTarget: (job) => Progress.delivered(job).length,
  lacks: (job, abilities) => applying([[open(job, abilities).length === 0, "forms"]]),
  maxBatch: (job, { abilities }) => open(job, abilities).length,
  produce
}
