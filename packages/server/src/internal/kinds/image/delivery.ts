/**
 * `POST /v2/generate/submit`: a worker from outside hands in a picture, or says that it failed.
 */

import * as Either from "effect/Either"
import { decodeBase64 } from "effect/Encoding"
import { required } from "../../http/arguments.js"
import { type RouteContext, requiredKey, userOf } from "../../http/context.js"
import * as Mask from "../../http/fieldMask.js"
import { type Answer, json, refuse, trip } from "../../http/reply.js"
import * as OwnWorkers from "../../jobs/builtInWorkers.js"
import * as Job from "../../jobs/lifeCycle.js"
import { validBody } from "../../python/jsonSchema.js"
import * as Python from "../../python/values.js"
import type { World } from "../../state/world.js"
import { checkDelivery } from "./workerSchema.js"

const mostRemarks = 50

/** Attempts go with their job: when that is forgotten, so are they. */
const find = (world: World, id: string): Job.Attempt | undefined => {
  const wanted = Python.uuid(id)
  for (const job of world.live.values()) {
    const attempt = job.attempts.find((attempt) => attempt.id === wanted)
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** `R2` means that the picture was sent to the link; whether it was shows when somebody asks for it. */
const sourceOf = (world: World, attempt: Job.Attempt, generation: string): Job.Source => {
  if (generation === "R2") return { _tag: "Stored" }
  const bytes = Either.getOrUndefined(decodeBase64(generation))
  if (bytes === undefined) return { _tag: "Unreadable", text: generation }
  world.store.set(attempt.id, { bytes, contentType: "image/webp", at: world.now })
  return { _tag: "Stored" }
}

/** How long a worker takes is what it took, the last time counting for half. */
const measure = (world: World, attempt: Job.Attempt): void => {
  const { worker } = attempt
  worker.takes = (worker.takes + (world.now - attempt.startedAt)) / 2
}

interface Body {
  readonly id: string
  readonly seed: number
  readonly state?: "ok" | "censored" | "faulted" | "csam"
  readonly gen_metadata?: ReadonlyArray<Job.Remark>
}

const deliver = (world: World, attempt: Job.Attempt, body: Body, generation: string): number => {
  const remarks = body.gen_metadata ?? []
  // For images `state` and `censored` say nothing to the server.
  const censored = remarks.some(({ type }) => type === "censorship")
  measure(world, attempt)
  const source = sourceOf(world, attempt, generation)
  return Job.deliver(world, attempt, { seed: body.seed, censored, remarks, source })
}

export const submit = (context: RouteContext): Answer => {
  const { incoming, world } = context
  const fields = validBody(context, checkDelivery)
  const apiKey = requiredKey(context)
  const generation = required({ fields, floats: new Set() }, "generation")
  const body = fields as unknown as Body
  const attempt = find(world, body.id) ?? refuse(404, "InvalidJobID", "There is no such job in work")
  context.requestId = attempt.job.id
  // The real server means to say that the key is unknown, and trips while it does.
  const caller = userOf(world, apiKey) ?? trip()
  if (attempt.worker.owner !== caller || attempt.worker.routine !== undefined) {
    refuse(403, "WrongCredentials", "This job was given to somebody else's worker")
  }
  if (attempt.outcome === "delivered") refuse(400, "DuplicateGen", "This job has been delivered already")
  if (attempt.outcome === "failed") refuse(400, "AbortedGen", "This job has been given up")
  let reward = 0
  if (body.state === "faulted") Job.fail(attempt)
  else reward = deliver(world, attempt, body, generation)
  OwnWorkers.wake(world)
  // Too late to refuse: the picture has been taken and paid for.
  if ((body.gen_metadata ?? []).length > mostRemarks) {
    refuse(400, "BadRequest", `No more than ${mostRemarks} remarks can stand with a picture`)
  }
  return json(200, Mask.apply(incoming.headers["x-fields"], { reward }))
}
