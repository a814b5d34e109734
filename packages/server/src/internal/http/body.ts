/**
 * Request bodies: the size limit, and collecting one from chunks.
 */

/** More than any image that the horde accepts; the proxy of the real server has such a limit too. */
export const maxBytes = 20 * 1024 * 1024

export interface Body {
  /** Undefined without a body, or if it is not UTF-8. */
  readonly body: string | undefined
  /** Undefined without a body. */
  readonly bytes: Uint8Array | undefined
  /** Whether the body exceeds the limit; then `body` and `bytes` are undefined. */
  readonly isTooLarge: boolean
}

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A body as text and as bytes. An empty body counts as absent. */
export const fromBytes = (bytes: Uint8Array | undefined): Body => {
  if (bytes === undefined || bytes.length === 0) return { body: undefined, bytes: undefined, isTooLarge: false }
  if (bytes.length > maxBytes) return { body: undefined, bytes: undefined, isTooLarge: true }
  return { body: decode(bytes), bytes, isTooLarge: false }
}

/** Collects the chunks of a body and joins them once, at the end. Above the limit it drops them. */
export class Collector {
  private chunks: Array<Uint8Array> = []
  private size = 0

  add(chunk: Uint8Array): void {
    this.size += chunk.length
    if (this.size > maxBytes) this.chunks = []
    else this.chunks.push(chunk)
  }

  end(): Body {
    if (this.size > maxBytes) return { body: undefined, bytes: undefined, isTooLarge: true }
    return fromBytes(Buffer.concat(this.chunks, this.size))
  }
}
