/** The parts that the kinds of workers have in common: the call of the generator, and the state of a result. */
import * as Effect from "effect/Effect"
import { Fault } from "./events.js"
import type { SubmitState } from "./submitInput.js"

/** Calls a generator. Its failures and defects are faults of the job. */
export const callGenerator = <Job, A, R>(
  generate: (job: Job) => Effect.Effect<A, unknown, R>,
  job: Job
): Effect.Effect<A, Fault, R> =>
  // @effect-diagnostics-next-line anyUnknownInErrorContext:off -- a generator may fail with anything
  Effect.catchAllCause(
    Effect.suspend(() => generate(job)),
    (cause) => new Fault({ reason: "Failed", message: "the generator failed", cause })
  )

export const invalidResult = (message: string): Fault => new Fault({ reason: "InvalidResult", message })

/**
 * Why a worker replaced a result: `nsfw` if the request does not allow such results, `csam` if the worker refused the
 * prompt, which the server counts against the requester.
 *
 * @since 0.1.0
 * @category models
 */
export type Censorship = "nsfw" | "csam"

/** The state of a result; absent if it is not censored. */
export const stateOf = (censored: Censorship | undefined): { readonly state?: SubmitState } =>
  censored === undefined ? {} : { state: censored === "csam" ? "csam" : "censored" }

/** The number of threads; one if the number is invalid, which the first pop then refuses. */
export const threadsOf = (threads = 1): number =>
  Number.isInteger(threads) && threads >= 1 && threads <= 100 ? threads : 1

/** The `ttl` of jobs without one, in seconds: the time for which the server keeps a request. */
const defaultTtl = 20 * 60
const maxTtl = 24 * 60 * 60

/** The `ttl` of a reply, which may hold any number, in seconds. */
export const ttlOf = (ttl = defaultTtl): number => Math.min(Math.max(ttl, 0), maxTtl)
