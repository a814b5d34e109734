/**
 * A finished picture, as bytes or as a file, and where it comes from.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { NodeInspectSymbol } from "effect/Inspectable"
import type { GenerationId, WorkerId } from "../jobs/models.js"
import type { GenerationMetadataStable } from "./models/reply.js"

interface Facts {
  readonly id: GenerationId
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
}

/**
 * Printing a picture shows everything but its bytes.
 *
 * @since 0.1.0
 * @category models
 */
export class Picture extends Data.Class<Facts & { readonly bytes: Uint8Array }> {
  /** @since 0.1.0 */
  toJSON(): unknown {
    return { ...this, bytes: `(${this.bytes.byteLength} bytes)` }
  }
  /** @since 0.1.0 */
  [NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
}

/**
 * A picture whose whole file is on the disk.
 *
 * @since 0.1.0
 * @category models
 */
export class SavedPicture extends Data.Class<
  Facts & {
    /** The file: the directory as it was given, and a name made of the picture's id. */
    readonly path: string
    readonly byteLength: number
  }
> {}
