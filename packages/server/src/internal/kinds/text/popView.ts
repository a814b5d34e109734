/**
 * The body of the reply to a text worker's pop.
 */
import * as Queue from "../../jobs/queue.js"
import type { Attempt } from "../../state/job.js"
import type { Text } from "../../state/text.js"
import type { TextRequest } from "../../state/textRequest.js"
import type { Worker } from "../../state/worker.js"
import type { World } from "../../state/world.js"
import { text } from "./kind.js"
import { defaultParams, paramNames } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

/** The reasons that a reply may contain. Workers are not told of other ones, such as a missing model. */
const counted: ReadonlySet<string> = new Set([
  "nsfw",
  "untrusted",
  "blacklist",
  "worker_id",
  "max_context_length",
  "max_length",
  "bridge_version",
  "matching_softprompt"
])

const skipped = (world: World, worker: Worker<Text>): Fields =>
  Object.fromEntries([...Queue.skipped(world, text, worker)].filter(([reason]) => counted.has(reason)))

/** The request for a worker: known parameters as received. Each text is an attempt of its own, so `n` is 1. */
const payload = (request: TextRequest): Fields => ({
  ...defaultParams,
  ...Object.fromEntries(Object.entries(request.params).filter(([name]) => paramNames.has(name))),
  prompt: request.prompt,
  n: 1,
  max_context_length: request.maxContextLength,
  max_length: request.maxLength
})

/** Without a job the payload is that of an empty request. */
const withoutWork = (world: World, worker: Worker<Text>): Fields => ({
  payload: { ...defaultParams, max_context_length: 2048, max_length: 80 },
  id: null,
  ids: [],
  ttl: null,
  skipped: skipped(world, worker),
  model: null
})

const withWork = (world: World, first: Attempt<Text>, attempts: ReadonlyArray<Attempt<Text>>): Fields => ({
  payload: payload(first.job.request),
  id: first.id,
  ids: attempts.map(({ id }) => id),
  ttl: Math.floor((first.overdueAt - world.now) / 1000),
  skipped: {},
  model: first.model
})

/** The attempts that are assigned to the worker, all of one job; without any, the number of skipped jobs by reason. */
export const popped = (world: World, worker: Worker<Text>, attempts: ReadonlyArray<Attempt<Text>>): Fields => {
  const [first] = attempts
  return {
    extra_source_images: null,
    softprompt: null,
    ...(first === undefined ? withoutWork(world, worker) : withWork(world, first, attempts))
  }
}
