/** A delivered text. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { NodeInspectSymbol } from "effect/Inspectable"
import { DownloadFailed } from "../errors/jobErrors.js"
import type { GenerationRequestId, WorkerId } from "../jobs/models.js"
import type { Delivered } from "../jobs/results.js"
import { fingerprint } from "../journal/fingerprint.js"
import type {
  GenerationKobold,
  GenerationMetadataKobold,
  GenerationState,
  RequestStatusKobold
} from "./models/reply.js"

/**
 * A delivered text. If it is printed or converted to JSON, only the number of its characters is shown: use `text`.
 *
 * @since 0.1.0
 * @category models
 */
export class GeneratedText extends Data.Class<{
  /**
   * Identifies the text: the server gives texts no ids. It is the same in each reply and in each process, and differs
   * between the texts of a job, and between jobs.
   */
  readonly key: string
  /** The text that continues the prompt. It may be empty. */
  readonly text: string
  /** The seed of the text; 0 if the worker reported none. */
  readonly seed: number
  /** The model that generated the text. */
  readonly model: string | undefined
  readonly workerId: WorkerId | undefined
  readonly workerName: string | undefined
  /** Whether the text was censored. */
  readonly censored: boolean
  /** `ok`, or why the text was censored. */
  readonly state: GenerationState
  /** The worker's notes. */
  readonly metadata: ReadonlyArray<GenerationMetadataKobold>
}> {
  /** @since 0.1.0 */
  toJSON(): unknown {
    return { ...this, text: `(${this.text.length} characters)` }
  }
  /** @since 0.1.0 */
  [NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
}

const isCensored = ({ gen_metadata, state }: GenerationKobold): boolean =>
  state === "censored" || state === "csam" || gen_metadata.some(({ type }) => type === "censorship")

const withoutText = new DownloadFailed<never>({
  reason: "Unavailable",
  message: "the server listed a result without a text",
  method: "GET",
  path: "/v2/generate/text/status/:id",
  partial: []
})

/**
 * The texts of a reply. Replies list them in any order and without ids, so a key is the fingerprint of the job, the
 * seed, the worker and the text; equal texts are counted.
 */
export const textsIn =
  (id: GenerationRequestId) =>
  ({ generations }: RequestStatusKobold): ReadonlyArray<Delivered<GeneratedText>> => {
    const counts = new Map<string, number>()
    return generations.map((generation) => {
      const { gen_metadata: metadata, model, seed, state, text, worker_id, worker_name } = generation
      const hash = fingerprint(JSON.stringify([id, seed, worker_id, text]))
      const count = (counts.get(hash) ?? 0) + 1
      counts.set(hash, count)
      const key = `${hash}-${count}`
      if (text === undefined) return { id: key, open: Effect.fail(withoutText) }
      const result = new GeneratedText({
        key,
        text,
        seed,
        model,
        workerId: worker_id,
        workerName: worker_name,
        censored: isCensored(generation),
        state,
        metadata
      })
      return { id: key, open: Effect.succeed(result) }
    })
  }
