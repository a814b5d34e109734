/**
 * Text jobs as a kind of jobs.
 */
import type { JobKind } from "../../jobs/kind.js"
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
  moderate: (_world, _sender, request) => request,
  checks,
  styleType: "text",
  withStyle,
  prices: Kudos.prices,
  // A request cannot choose the seed.
  seed: (world) => world.integer(),
  timeLimit: () => 150_000,
  settle: Kudos.settle,
  retries: () => true,
  // The target is not lowered, so a cancelled job with undelivered texts is never done.
  cancelledTarget: (job) => job.target,
  lacks: Abilities.lacks,
  maxBatch: ({ disableBatching }) => (disableBatching ? 1 : Number.POSITIVE_INFINITY),
  produce: ({ job: { request }, seed }) => write({ ...request, seed })
}
