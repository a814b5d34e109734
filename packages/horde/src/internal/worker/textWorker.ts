/**
 * A worker that generates texts. Programs import it from `Worker`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { FollowUp } from "../../FollowUp.js"
import type { GenerationId } from "../jobs/models.js"
import { PopText, SubmitText } from "./endpoints.js"
import type { RunError, RunOptions } from "./events.js"
import { type Censorship, callGenerator, invalidResult, stateOf, threadsOf, ttlOf } from "./generated.js"
import { poppedText } from "./kinds.js"
import type { PopInputKobold } from "./popInput.js"
import type { PoppedJob } from "./popJobs.js"
import type { GenerationPayloadKobold, ModelPayloadKobold } from "./popReply.js"
import { run } from "./run.js"
import type { SubmitMetadata } from "./submitInput.js"

/**
 * A job of a text worker: one text.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextJob {
  readonly id: GenerationId
  /** The model that the worker has to use. */
  readonly model: string
  readonly payload: ModelPayloadKobold
  /** The soft prompt that the worker has to use. */
  readonly softprompt?: string
}

/**
 * A generated text, or an object with more.
 *
 * @since 0.1.0
 * @category models
 */
export type TextResult =
  | string
  | {
      readonly text: string
      /** The seed with which it was generated; 0 by default. */
      readonly seed?: number
      readonly censored?: Censorship
      readonly metadata?: ReadonlyArray<SubmitMetadata>
    }

/**
 * The options of {@link runText}: the fields of its pops, and how it works.
 *
 * @since 0.1.0
 * @category options
 */
export interface TextWorkerOptions<R = never> extends PopInputKobold, RunOptions<R> {
  /** Generates one text. A failure or a defect fails its job only. It is interrupted at the end of the job's `ttl`. */
  readonly generate: (job: TextJob) => Effect.Effect<TextResult, unknown, R>
}

type Calls = PopText | SubmitText

const jobsIn = <R>(
  { id, ids, model, payload = {}, softprompt }: GenerationPayloadKobold,
  generate: TextWorkerOptions<R>["generate"]
): ReadonlyArray<PoppedJob<R | Calls>> => {
  const all = ids.length > 0 || id === undefined ? ids : [id]
  return all.map((id) => ({
    id,
    generate: Effect.gen(function* () {
      const job = { id, model: model ?? "", payload, ...(softprompt === undefined ? {} : { softprompt }) }
      const result = yield* callGenerator(generate, job)
      const { censored, metadata, seed, text } = typeof result === "string" ? { text: result } : { ...result }
      if (typeof text !== "string") return yield* invalidResult("the result is not a text")
      const delivered = {
        id,
        generation: text,
        ...(seed === undefined ? {} : { seed }),
        ...(metadata === undefined ? {} : { gen_metadata: metadata }),
        ...stateOf(censored)
      }
      return Effect.flatMap(SubmitText, (submit) => submit({ payload: delivered }))
    })
  }))
}

/**
 * Runs a worker that generates texts, until `stop` succeeds or the server refuses it for good ({@link RunError}).
 * Otherwise like {@link runImage}. `Recovery` returns the jobs of a killed process with `Worker.poppedText`.
 *
 * @since 0.1.0
 * @category workers
 */
export const runText = <R = never>(
  options: TextWorkerOptions<R>
): Effect.Effect<void, RunError, R | Calls | FollowUp> =>
  Effect.gen(function* () {
    const { generate, maxPause: _pause, onEvent: _event, stop: _stop, ...payload } = options
    const pop = yield* PopText
    const popJobs = Effect.map(pop({ payload }), (reply) => ({
      jobs: jobsIn(reply, generate),
      model: reply.model,
      ttl: ttlOf(reply.ttl),
      messages: reply.messages,
      skipped: reply.skipped ?? {}
    }))
    yield* run({ rule: poppedText.starts, pop: popJobs }, threadsOf(options.threads), options)
  })
