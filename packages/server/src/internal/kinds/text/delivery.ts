/**
 * A worker's result for a text attempt, and its state in replies.
 */
import type { Delivery, GenerationMetadata } from "../../state/job.js"
import type { Text } from "../../state/text.js"
import type { SubmitBody } from "./workerSchema.js"

const csam: GenerationMetadata = { type: "censorship", value: "csam" }

const isCsam = (metadata: ReadonlyArray<GenerationMetadata>): boolean =>
  metadata.some(({ type, value }) => type === csam.type && value === csam.value)

/** The state `csam` and the metadata of this name stand for the same; metadata that is missing is added. */
export const fromBody = ({ gen_metadata = [], seed, state }: SubmitBody, generation: string): Delivery<Text> => {
  const metadata = state === "csam" && !isCsam(gen_metadata) ? [...gen_metadata, csam] : gen_metadata
  return { seed: seed ?? 0, censored: state === "censored" || isCsam(metadata), metadata, result: generation }
}

export const stateOf = ({ censored, metadata }: Delivery<Text>): "ok" | "censored" | "csam" => {
  if (!censored) return "ok"
  return isCsam(metadata) ? "csam" : "censored"
}
