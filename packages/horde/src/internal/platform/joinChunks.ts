/** `Blob` and other APIs reject memory that is shared between threads. */
const isUnshared = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> => bytes.buffer instanceof ArrayBuffer

/** Joins the chunks of a body. Copies each byte at most once. */
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
