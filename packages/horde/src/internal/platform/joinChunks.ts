/** Memory that is not shared between threads, as `Blob` and others demand. */
const isUnshared = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> => bytes.buffer instanceof ArrayBuffer

/** A body that was read piece by piece, as one. Each byte is copied once at most. */
export const joinChunks = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array<ArrayBuffer> => {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1 && isUnshared(only)) return only
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
