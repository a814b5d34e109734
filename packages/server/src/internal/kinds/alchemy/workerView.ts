/**
 * The fields of a worker's details that alchemy workers have: forms in place of models.
 */
import type { Alchemy } from "../../state/alchemy.js"
import type { Worker } from "../../state/worker.js"

export const details = ({ models: forms }: Worker<Alchemy>): Readonly<Record<string, unknown>> => ({
  models: undefined,
  forms
})
