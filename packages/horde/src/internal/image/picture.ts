/**
 * A finished picture, as bytes or as a file.
 */
import * as Data from "effect/Data"
import { NodeInspectSymbol } from "effect/Inspectable"
import type { GenerationId, WorkerId } from "../jobs/models.js"
import { encodeBase64 } from "./base64.js"
import type { GenerationMetadataStable } from "./models/reply.js"
import { extensions } from "./sniff.js"

interface ImageInfo {
  readonly id: GenerationId
  /** The media type, by the bytes themselves, such as `image/webp`. */
  readonly mediaType: string
  /** Whether the worker's safety filter replaced the picture. */
  readonly censored: boolean
  /** The seed of the picture, as text. */
  readonly seed: string | undefined
  /** The model that generated it. */
  readonly model: string | undefined
  readonly workerId: WorkerId | undefined
  readonly workerName: string | undefined
  /** Notes of the worker, such as a LoRA that it could not load. */
  readonly metadata: ReadonlyArray<GenerationMetadataStable>
}

/**
 * A finished picture. Printing it shows everything but its bytes.
 *
 * @since 0.1.0
 * @category models
 */
export class Picture extends Data.Class<ImageInfo & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  /**
   * The usual extension of a file of this media type, such as `webp`.
   *
   * @since 0.1.0
   */
  get extension(): string {
    return extensions.get(this.mediaType) ?? "bin"
  }
  /**
   * The picture as a `Blob`, for uploads and object URLs.
   *
   * @since 0.1.0
   */
  blob(): Blob {
    return new Blob([this.bytes], { type: this.mediaType })
  }
  /**
   * The picture as a `data:` URL, such as the `src` of an `img`.
   *
   * @since 0.1.0
   */
  dataUrl(): string {
    return `data:${this.mediaType};base64,${encodeBase64(this.bytes)}`
  }
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
 * A picture that is saved as a complete file.
 *
 * @since 0.1.0
 * @category models
 */
export class SavedPicture extends Data.Class<
  ImageInfo & {
    /** The file: the directory as it was given, and a name made of the picture's id. */
    readonly path: string
    readonly byteLength: number
  }
> {}
