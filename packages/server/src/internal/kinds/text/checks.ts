/**
 * The checks of a text request alone, and values that the real server cannot store. The filter of prompts does not
 * apply to texts.
 */
import type { Checks } from "../../jobs/kind.js"
import * as Python from "../../python/values.js"
import { failNotFinite, internalError, refuse, refuseNul } from "../../state/refusal.js"
import type { TextRequest } from "../../state/textRequest.js"
import { paramNames } from "./schema.js"

const reject = (rc: string, message: string): never => refuse(400, rc, message)

const checkStopSequences = ({ stopSequences }: TextRequest): void => {
  const distinct = [...new Set(stopSequences)]
  if (distinct.length > 128) reject("TooManyStopSequences", "At most 128 stop sequences")
  const characters = distinct.reduce((sum, sequence) => sum + Python.length(sequence), 0)
  if (characters > 2000) reject("ExcessiveStopSequence", "Stop sequences may have at most 2000 characters together")
}

/** Runs the checks in the order of the real server. */
const checkRequest = (request: TextRequest): void => {
  const { extraSourceImages, maxContextLength, maxLength, params } = request
  if (maxContextLength < maxLength) reject("TokenOverflow", "max_length must not exceed max_context_length")
  if (params.sampler_order !== undefined && new Set(params.sampler_order).size < 7) {
    reject("MissingFullSamplerOrder", "sampler_order must contain all samplers")
  }
  checkStopSequences(request)
  if (extraSourceImages > 0) reject("InvalidExtraSourceImages.", "Text requests cannot have extra source images")
}

/** The longest webhook that its database column can hold; the schema sets no limit. */
const maxWebhook = 1024

const checkStorable = ({ models, params, prompt, proxiedAccount, webhook }: TextRequest): void => {
  const known = Object.fromEntries(Object.entries(params).filter(([name]) => paramNames.has(name)))
  refuseNul([prompt, known, models, proxiedAccount, webhook])
  if (Python.length(webhook ?? "") > maxWebhook) internalError()
  failNotFinite(known)
}

export const checks: Checks<TextRequest> = {
  request: checkRequest,
  storable: checkStorable,
  stored: () => {},
  limits: (key, { maxLength }) => [{ unit: "tokens per text", limit: key.maxTextTokens, value: maxLength }]
}
