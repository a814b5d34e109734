/**
 * The JSON schemas of a text worker's requests, as the real server applies them.
 */
import type { WorkerDescription } from "../../jobs/registerWorker.js"
import type { ResultBody } from "../../jobs/workerResults.js"
import { bool, check, integer, list, oneOf, string, text, wholeNumber } from "../../python/jsonSchema.js"

/** A valid poll for work. */
export interface PopBody extends WorkerDescription {
  readonly max_length?: number
  readonly max_context_length?: number
}

export const checkPop = check<PopBody>({
  type: "object",
  properties: {
    name: string,
    priority_usernames: list(string),
    nsfw: bool,
    models: list(text(3, 255)),
    bridge_agent: text(0, 1000),
    threads: integer(1, 50),
    require_upfront_kudos: bool,
    amount: integer(1, 20),
    extra_slow_worker: bool,
    blacklist: list(string),
    max_length: wholeNumber,
    max_context_length: wholeNumber,
    softprompts: list(string)
  }
})

/** A valid result. */
export interface SubmitBody extends ResultBody {
  readonly seed?: number
}

export const checkSubmit = check<SubmitBody>({
  type: "object",
  required: ["id"],
  properties: {
    id: string,
    generation: string,
    state: oneOf(["ok", "censored", "faulted", "csam"]),
    seed: wholeNumber,
    gen_metadata: list({
      type: "object",
      required: ["type", "value"],
      properties: { type: oneOf(["censorship"]), value: oneOf(["csam"]), ref: text(0, 255) }
    })
  }
})
