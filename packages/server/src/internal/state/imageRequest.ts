/**
 * Image requests: the JSON body that passed validation, and the request that a job keeps.
 */

import type { JobBody, JobRequest } from "./kind.js"

type Items = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The field `params` of a valid request. */
export interface ImageParams extends Readonly<Record<string, unknown>> {
  readonly width?: number
  readonly height?: number
  readonly steps?: number
  readonly n?: number
  readonly cfg_scale?: number
  readonly sampler_name?: string
  readonly karras?: boolean
  readonly seed?: string
  readonly seed_variation?: number
  readonly control_type?: string
  readonly post_processing?: ReadonlyArray<string>
  readonly loras?: Items
  readonly tis?: Items
  readonly extra_texts?: Items
  readonly workflow?: string
}

/** The body of a valid request. */
export interface ImageBody extends JobBody {
  readonly prompt: string
  readonly params?: ImageParams
  readonly nsfw?: boolean
  readonly censor_nsfw?: boolean
  readonly source_image?: string
  readonly source_processing?: string
  readonly source_mask?: string
  readonly extra_source_images?: Items
  readonly r2?: boolean
  readonly replacement_filter?: boolean
}

/** A request with the server's defaults in place of absent fields. */
export interface ImageRequest extends JobRequest {
  readonly prompt: string
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly cfgScale: number
  readonly samplerName: string
  readonly karras: boolean
  readonly seed: string | undefined
  readonly seedVariation: number | undefined
  readonly controlType: string | undefined
  readonly postProcessing: ReadonlyArray<string>
  readonly loras: number
  readonly tis: number
  readonly modelsGiven: boolean
  readonly nsfw: boolean
  readonly censorNsfw: boolean
  readonly replacementFilter: boolean
  readonly r2: boolean
  readonly sourceImage: string | undefined
  readonly sourceMask: string | undefined
  readonly sourceProcessing: string
  readonly workflow: string | undefined
  /** The field `params` as received; parameters that only workers use are passed through from here. */
  readonly params: ImageParams
  /** The whole body as received. */
  readonly body: ImageBody
  /** The extra source images as received. */
  readonly extraSources: Items | undefined
}
