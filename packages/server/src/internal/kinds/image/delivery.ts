/**
 * A worker's result for an image attempt.
 */
import * as Either from "effect/Either"
import { decodeBase64 } from "effect/Encoding"
import type { Image, Source } from "../../state/image.js"
import type { Attempt, Delivery } from "../../state/job.js"
import type { World } from "../../state/world.js"
import type { SubmitBody } from "./workerSchema.js"

/** `R2` means that the picture was uploaded; that is checked only when it is downloaded. */
const sourceOf = (world: World, attempt: Attempt<Image>, generation: string): Source => {
  if (generation === "R2") return { _tag: "Stored" }
  const bytes = Either.getOrUndefined(decodeBase64(generation))
  if (bytes === undefined) return { _tag: "Unreadable", text: generation }
  world.store.set(attempt.id, { bytes, contentType: "image/webp", at: world.now })
  return { _tag: "Stored" }
}

export const fromBody = (
  world: World,
  attempt: Attempt<Image>,
  body: SubmitBody,
  generation: string
): Delivery<Image> => {
  const metadata = body.gen_metadata ?? []
  // For images, the server ignores the fields `state` and `censored` here.
  const censored = metadata.some(({ type }) => type === "censorship")
  return { seed: body.seed, censored, metadata, result: sourceOf(world, attempt, generation) }
}
