/**
 * The seed of each picture, from the seed of the request.
 */
import * as Python from "../../python/values.js"
import type { ImageRequest } from "../../state/imageRequest.js"
import type { World } from "../../state/world.js"

/** The real server shifts a seed of more than 32 bits to the right until it fits. */
const truncate = (seed: bigint): number => {
  let rest = seed
  while (rest >= 2n ** 32n) rest >>= 32n
  return Number(rest)
}

/** Text is read as a little-endian number; truncated to 32 bits, its last bytes remain. */
const fromText = (seed: string): number => {
  const bytes = new TextEncoder().encode(seed)
  const last = bytes.subarray(4 * Math.floor((bytes.length - 1) / 4))
  return last.reduceRight((number, byte) => number * 256 + byte, 0)
}

/** The seed of the next picture; `remaining` pictures come after it. */
export const seedFor = (world: World, request: ImageRequest, remaining: number): number => {
  if (request.seed === undefined || request.seed === "") return world.integer()
  const digits = Python.decimal(request.seed)
  const base = digits === undefined ? fromText(request.seed) : truncate(BigInt(digits))
  return request.seedVariation === undefined ? base : truncate(BigInt(base + request.seedVariation * remaining))
}
