/**
 * The JSON schemas of a text worker's requests, as the real server applies them.
 */
import type { WorkerDescription } from "../../jobs/registerWorker.js"
import type { ResultBody } from "../../jobs/workerResults.js"
import { check, list, oneOf, string, text, wholeNumber } from "../../python/jsonSchema.js"
import { popProperties, submitProperties } from "../workerProperties.js"

/** A valid poll for work. */
export interface PopBody extends WorkerDescription {
  readonly max_length?: number
  readonly max_context_length?: number
}

export const checkPop = check<PopBody>({
  type: "object",
  properties: {
    ...popProperties,
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
    ...submitProperties,
    gen_metadata: list({
      type: "object",
      required: ["type", "value"],
      properties: { type: oneOf(["censorship"]), value: oneOf(["csam"]), ref: text(0, 255) }
    })
  }
})
