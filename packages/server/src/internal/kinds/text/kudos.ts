/**
 * Prices of texts. What is known of them:
 *
 * - Recorded: the tax of 1; 0 in the 202 reply; a price of 1 more than the reward; a price of 1 for a censored text; a
 *   reward of 1.36 for short texts and prompts with `koboldcpp/LLaMA`; a dry run of 37 for 80 tokens without a model.
 * - The formulas are those of the real server, and give the recorded numbers: the reward is
 *   20 · 7 / 125 · 1.211, the dry run 80 · 13 · 3.4 / 100 + 1 + 1.
 * - Assumed: that `koboldcpp/LLaMA` has 7 billion parameters, and that a dry run with models uses the largest one.
 * - `estimate`, the price that a shared key and a balance must cover, is another formula, also on the real server.
 */
import type { Load, Prices, Settlement } from "../../jobs/kind.js"
import * as Python from "../../python/values.js"
import * as Account from "../../state/account.js"
import type { Attempt, Delivery } from "../../state/job.js"
import type { Text } from "../../state/text.js"
import type { TextRequest } from "../../state/textRequest.js"
import { sizeOf } from "./models.js"

const cents = (amount: number): number => Math.round(amount * 100) / 100

/** Four characters per token, at least 20 tokens, at most the requested length. */
const tokensIn = (text: string, { maxLength }: TextRequest): number =>
  Math.min(maxLength, Math.max(20, Math.ceil(Python.length(text) / 4)))

/** Grows faster than the context: 2.2 for 1024 tokens, 3.4 for 2048. */
const contextFactor = (tokens: number): number => Math.min(30, 1.2 + 2.2 ** Math.log2(tokens / 1024))

const largest = (models: ReadonlyArray<string>): number => Math.max(...models.map((model) => sizeOf(model) ?? 1))

const dryRun = ({ maxContextLength, maxLength, models, n }: TextRequest): number => {
  const size = models.length === 0 ? 13 : largest(models)
  return Math.round((cents((maxLength * size * contextFactor(maxContextLength)) / 100) + 1) * n + 1)
}

const estimate = ({ maxLength, models, n }: TextRequest): number =>
  (models.length === 0 ? 20 : cents((maxLength * largest(models)) / 21)) * n

/** The longest text that needs no kudos upfront. */
const freeLength = ({ queue, threads }: Load): number =>
  Math.min(512, Math.max(256, 512 + 5 * threads - Math.round(0.9 * queue)))

export const prices: Prices<TextRequest> = {
  tax: (_request, styled) => (styled ? 3 : 1),
  dryRun,
  key: ({ maxContextLength, maxLength, models, n }) => JSON.stringify([maxContextLength, maxLength, models, n]),
  estimate,
  neededUpfront: ({ maxLength, slowWorkers }, load) => !slowWorkers || maxLength > freeLength(load),
  smaller: (request, load) => ({ ...request, maxLength: Math.min(request.maxLength, freeLength(load)) })
}

/** An unknown model earns little, and so does a program of a worker that is not validated. */
const rewardFor = ({ job, model, worker }: Attempt<Text>, tokens: number): number => {
  const factor = contextFactor(tokensIn(job.request.prompt, job.request))
  const size = sizeOf(model)
  if (size === undefined) {
    const isTrusted = worker.owner !== undefined && Account.isTrusted(worker.owner)
    return cents(isTrusted ? ((tokens * 2.7) / 100) * factor : factor)
  }
  const bonus = (Math.max(size, 13) / 13) ** 0.2
  const validated = worker.abilities?.knownBridge === false ? 0.3 : 1
  return cents(((tokens * bonus * size) / 125) * validated * factor)
}

/** The value of a delivered text, by its length. */
export const settle = (attempt: Attempt<Text>, { censored, result }: Delivery<Text>): Settlement => {
  const tokens = tokensIn(result, attempt.job.request)
  const reward = rewardFor(attempt, tokens)
  return { price: censored ? 1 : reward + 1, reward, credited: reward, used: tokens, contributed: tokens }
}
