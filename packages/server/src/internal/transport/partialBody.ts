/**
 * Bodies that end early, for replies with a scripted fault.
 */

/** The first half of a body. */
export const firstHalf = (body: string | Uint8Array): Uint8Array => {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}
