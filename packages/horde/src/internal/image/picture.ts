/**
 * A delivered picture, in memory or in a file.
 */
import * as Data from "effect/Data"
import { NodeInspectSymbol } from "effect/Inspectable"
import type { GenerationId, WorkerId } from "../jobs/models.js"
import { encodeBase64 } from "./base64.js"
import type { GenerationMetadataStable } from "./models/reply.js"
import { extensions } from "./sniff.js"

/**
 * A delivered picture without its bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface PictureInfo {
  readonly id: GenerationId
  /** Whether the worker's safety filter replaced the picture. */
  readonly censored: boolean
  /** The seed of the picture, as text. */
  readonly seed: string | undefined
  /** The model that generated the picture. */
  readonly model: string | undefined
  readonly workerId: WorkerId | undefined
  readonly workerName: string | undefined
  /** The worker's notes, for example about a LoRA that it could not download. */
  readonly metadata: ReadonlyArray<GenerationMetadataStable>
}

interface ImageInfo extends PictureInfo {
  /** The media type, detected from the bytes, such as `image/webp`. */
  readonly mediaType: string
}

/**
 * A delivered picture in memory. If it is printed, only the number of its bytes is shown.
 *
 * @since 0.1.0
 * @category models
 */
export class Picture extends Data.Class<ImageInfo & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  /**
   * The usual file extension of this media type, without a dot, such as `webp`.
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
 * A delivered picture that is saved in a complete file.
 *
 * @since 0.1.0
 * @category models
 */
export class SavedPicture extends Data.Class<
  ImageInfo & {
    /** The path of the file: the directory as it was given, the name of the picture and its file extension. */
    readonly path: string
    readonly byteLength: number
  }
> {}
