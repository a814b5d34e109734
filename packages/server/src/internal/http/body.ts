/**
 * Bodies of requests: how large one may be, and how its pieces become one.
 */

/** More than any image that the horde takes; what stands before the real server has such a limit too. */
export const mostBytes = 20 * 1024 * 1024

export interface Body {
  /** Undefined where there is no body, or none that is text. */
  readonly body: string | undefined
  /** Undefined where there is no body. */
  readonly bytes: Uint8Array | undefined
  /** Larger than the server takes; it has kept nothing of it then. */
  readonly isTooLarge: boolean
}

const asText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A body as text and as bytes; an empty one counts as none. */
export const fromBytes = (bytes: Uint8Array | undefined): Body => {
  if (bytes === undefined || bytes.length === 0) return { body: undefined, bytes: undefined, isTooLarge: false }
  if (bytes.length > mostBytes) return { body: undefined, bytes: undefined, isTooLarge: true }
  return { body: asText(bytes), bytes, isTooLarge: false }
}

/** Takes a body piece by piece. Pieces are joined once, at the end, and not kept once there are too many. */
export class Collector {
  private pieces: Array<Uint8Array> = []
  private size = 0

  add(piece: Uint8Array): void {
    this.size += piece.length
    if (this.size > mostBytes) this.pieces = []
    else this.pieces.push(piece)
  }

  end(): Body {
    if (this.size > mostBytes) return { body: undefined, bytes: undefined, isTooLarge: true }
    return fromBytes(Buffer.concat(this.pieces, this.size))
  }
}
