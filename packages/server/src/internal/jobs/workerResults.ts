/**
 * The results and failures that external workers report.
 */
import * as Python from "../python/values.js"
import type { User } from "../state/account.js"
import type { Attempt, Delivery, GenerationMetadata } from "../state/job.js"
import type { Types } from "../state/kind.js"
import type { Pool } from "../state/pool.js"
import { refuse, refuseRequest } from "../state/refusal.js"
import type { World } from "../state/world.js"
import * as BuiltInWorkers from "./builtInWorkers.js"
import type { JobKind } from "./kind.js"
import * as LifeCycle from "./lifeCycle.js"

/** The fields of a worker's report on a job of any kind. */
export interface ResultBody {
  readonly id: string
  readonly generation?: string
  readonly state?: "ok" | "censored" | "faulted" | "csam"
  readonly gen_metadata?: ReadonlyArray<GenerationMetadata>
}

/** Finds an attempt of a job that the server has not forgotten: the last one, since a form keeps its id. */
export const findAttempt = <T extends Types>(pool: Pool<T>, id: string): Attempt<T> | undefined => {
  const uuid = Python.uuid(id)
  for (const job of pool.live.values()) {
    const attempt = job.attempts.filter((attempt) => attempt.id === uuid).at(-1)
    if (attempt !== undefined) return attempt
  }
  return undefined
}

/** Updates the worker's time per generation: the mean of the previous value and the last measurement. */
const measure = (world: World, { startedAt, worker }: Attempt): void => {
  worker.takes = (worker.takes + (world.now - startedAt)) / 2
}

const maxMetadata = 50

/** Records a result or a failure. Returns the reward. */
export const submit = <T extends Types>(
  world: World,
  kind: JobKind<T>,
  attempt: Attempt<T>,
  caller: User,
  body: ResultBody,
  delivery: () => Delivery<T>
): number => {
  if (attempt.worker.owner !== caller || attempt.worker.routine !== undefined) {
    refuse(403, "WrongCredentials", "This job was assigned to the worker of another account")
  }
  if (attempt.outcome === "delivered") refuse(400, "DuplicateGen", "This job has been delivered already")
  if (attempt.outcome !== "running") refuse(400, "AbortedGen", "This job has been aborted")
  let reward = 0
  if (body.state === "faulted") LifeCycle.fail(world, kind, attempt)
  else {
    measure(world, attempt)
    reward = LifeCycle.deliver(world, kind, attempt, delivery())
  }
  BuiltInWorkers.wake(world)
  // Like the real server: refused only after the result was accepted and paid for.
  if ((body.gen_metadata ?? []).length > maxMetadata) {
    refuseRequest(`gen_metadata may have at most ${maxMetadata} items`)
  }
  return reward
}
