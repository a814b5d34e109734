/**
 * A finished picture: its bytes, and where they come from.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { NodeInspectSymbol } from "effect/Inspectable"
import type { GenerationMetadataStable } from "./ImageGenerationReply.js"
import type { GenerationId, WorkerId } from "./JobModels.js"

/**
 * Printing a picture shows everything but its bytes.
 *
 * @since 0.1.0
 * @category models
 */
export class Picture extends Data.Class<{
  readonly id: GenerationId
  readonly bytes: Uint8Array
  /** Told by the bytes themselves, such as `image/webp`. */
  readonly mediaType: string
  /** Whether the worker's safety filter replaced what was drawn. */
  readonly censored: boolean
  /** The seed that it was drawn from, as text. */
  readonly seed: string | undefined
  /** The model that drew it. */
  readonly model: string | undefined
  readonly workerId: WorkerId | undefined
  readonly workerName: string | undefined
  /** What the worker had to say, such as a LoRA that it could not load. */
  readonly metadata: ReadonlyArray<GenerationMetadataStable>
}> {
  /** @since 0.1.0 */
  toJSON(): unknown {
    return { ...this, bytes: `(${this.bytes.byteLength} bytes)` }
  }
  /** @since 0.1.0 */
  [NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
}
