/**
 * The data of image jobs.
 */
import type { ImageRequest } from "./imageRequest.js"
import type { Abilities, Types } from "./kind.js"

/**
 * The source of a picture's bytes: rendered on demand, the store, or none (the worker submitted an undecodable `text`).
 */
export type Source =
  | { readonly _tag: "Painted" }
  | { readonly _tag: "Stored" }
  | { readonly _tag: "Unreadable"; readonly text: string }

export interface ImageAbilities extends Abilities {
  readonly nsfw: boolean
  readonly maxPixels: number
  readonly imageToImage: boolean
  readonly painting: boolean
  readonly postProcessing: boolean
  readonly controlNet: boolean
  readonly sdxlControlNet: boolean
  readonly lora: boolean
  readonly limitsSteps: boolean
}

export interface Image extends Types {
  readonly request: ImageRequest
  readonly result: Source
  readonly abilities: ImageAbilities
}
