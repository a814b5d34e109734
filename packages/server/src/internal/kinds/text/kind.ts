/**
 * Text jobs as a kind of jobs.
 */
import { checkIp } from "../../jobs/addresses.js"
import { alike, generationQuota, type JobKind } from "../../jobs/kind.js"
import type { Text } from "../../state/text.js"
import { write } from "../../writer/story.js"
import * as Abilities from "./abilities.js"
import { checks } from "./checks.js"
import * as Kudos from "./kudos.js"
import { withStyle } from "./style.js"

export const text: JobKind<Text> = {
  name: "text",
  poolOf: (world) => world.text,
  // The filters of prompts do not apply to texts.
  moderate: (world, { ip }, request) => {
    checkIp(world, ip)
    return request
  },
  checks,
  styles: { type: "text", apply: withStyle },
  prices: Kudos.prices,
  sharedKeys: true,
  quota: generationQuota,
  needsModels: true,
  ...alike,
  // A request cannot choose the seed.
  seed: (world) => world.integer(),
  timeLimit: () => 150_000,
  settle: Kudos.settle,
  settleCancelled: undefined,
  retries: () => true,
  // The target is not lowered, so a cancelled job with undelivered texts is never done.
  cancelledTarget: (job) => job.target,
  lacks: Abilities.lacks,
  maxBatch: ({ request }) => (request.disableBatching ? 1 : Number.POSITIVE_INFINITY),
  produce: (_world, { job: { request }, seed }) => write({ ...request, seed })
}
