/**
 * The fields of a worker's details that only text workers have.
 */
import type { Text } from "../../state/text.js"
import type { Worker } from "../../state/worker.js"

/** A built-in worker accepts any length; these are the largest lengths of requests. */
const builtIn = { maxLength: 4096, maxContextLength: 1_048_576 }

export const details = (worker: Worker<Text>): Readonly<Record<string, unknown>> => {
  const abilities = worker.abilities ?? builtIn
  return {
    nsfw: true,
    max_length: abilities.maxLength,
    max_context_length: abilities.maxContextLength,
    tokens_generated: worker.totals.contributed
  }
}
