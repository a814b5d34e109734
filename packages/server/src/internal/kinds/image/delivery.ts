/**
 * A worker's result for an image attempt.
 */
import * as Either from "effect/Either"
import { decodeBase64 } from "effect/Encoding"
import * as BuiltInWorkers from "../../jobs/builtInWorkers.js"
import * as LifeCycle from "../../jobs/lifeCycle.js"
import * as Python from "../../python/values.js"
import type { User } from "../../state/account.js"
import type { Attempt, Source } from "../../state/job.js"
import { refuse } from "../../state/refusal.js"
import type { World } from "../../state/world.js"
import type { SubmitBody } from "./workerSchema.js"

/** Finds an attempt of a job that the server has not forgotten. */
export const findAttempt = (world: World, id: string): Attempt | undefined => {
  const uuid = Python.uuid(id)
  for (const job of world.live.values()) {
    const attempt = job.attempts.find((attempt) => attempt.id === uuid)
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** `R2` means that the picture was uploaded; that is checked only when it is downloaded. */
const sourceOf = (world: World, attempt: Attempt, generation: string): Source => {
  if (generation === "R2") return { _tag: "Stored" }
  const bytes = Either.getOrUndefined(decodeBase64(generation))
  if (bytes === undefined) return { _tag: "Unreadable", text: generation }
  world.store.set(attempt.id, { bytes, contentType: "image/webp", at: world.now })
  return { _tag: "Stored" }
}

/** Updates the worker's time per picture: the mean of the previous value and the last measurement. */
const measure = (world: World, attempt: Attempt): void => {
  const { worker } = attempt
  worker.takes = (worker.takes + (world.now - attempt.startedAt)) / 2
}

const deliver = (world: World, attempt: Attempt, body: SubmitBody, generation: string): number => {
  const metadata = body.gen_metadata ?? []
  // For images, the server ignores the fields `state` and `censored` here.
  const censored = metadata.some(({ type }) => type === "censorship")
  measure(world, attempt)
  const source = sourceOf(world, attempt, generation)
  return LifeCycle.deliver(world, attempt, { seed: body.seed, censored, metadata, source })
}

const maxMetadata = 50

/** Records a result or a failure. Returns the reward. */
export const submit = (world: World, attempt: Attempt, caller: User, body: SubmitBody, generation: string): number => {
  if (attempt.worker.owner !== caller || attempt.worker.routine !== undefined) {
    refuse(403, "WrongCredentials", "This job was assigned to the worker of another account")
  }
  if (attempt.outcome === "delivered") refuse(400, "DuplicateGen", "This job has been delivered already")
  if (attempt.outcome === "failed") refuse(400, "AbortedGen", "This job has been aborted")
  let reward = 0
  if (body.state === "faulted") LifeCycle.fail(attempt)
  else reward = deliver(world, attempt, body, generation)
  BuiltInWorkers.wake(world)
  // Like the real server: refused only after the picture was accepted and paid for.
  if ((body.gen_metadata ?? []).length > maxMetadata) {
    refuse(400, "BadRequest", `gen_metadata may have at most ${maxMetadata} items`)
  }
  return reward
}
