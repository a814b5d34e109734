/** Base64, encoded and decoded by the platform if it can (`Uint8Array.fromBase64`, `Buffer`), otherwise by Effect. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

interface NativeBytes {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>
}

interface NativeBuffer {
  readonly from: {
    (text: string, encoding: "base64"): Uint8Array<ArrayBuffer>
    (bytes: Uint8Array): { readonly toString: (encoding: "base64") => string }
  }
}

const nativeBuffer = (): NativeBuffer | undefined => (globalThis as { readonly Buffer?: NativeBuffer }).Buffer

/**
 * The bytes of most texts, decoded without a check of each character: `Buffer` skips characters outside both alphabets,
 * so the length shows whether there were any. `undefined` if there were, or without `Buffer`.
 */
const decodeQuickly = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const Buffer = nativeBuffer()
  if (Buffer === undefined || text.length % 4 !== 0) return undefined
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  const bytes = Buffer.from(text, "base64")
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined
}

/** Decodes text in the standard alphabet that is padded to a multiple of four. */
const decodeCanonical = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const native: NativeBytes = Uint8Array as NativeBytes
  if (native.fromBase64 !== undefined) return native.fromBase64(text)
  const Buffer = nativeBuffer()
  if (Buffer !== undefined) return Buffer.from(text, "base64")
  return Either.getOrUndefined(Either.map(Encoding.decodeBase64(text), (bytes) => new Uint8Array(bytes)))
}

/**
 * The text in the standard alphabet without its padding; `undefined` if the text is not base64. Each pattern matches a
 * single character, so that its time is linear: a pattern that backtracks may take quadratic time.
 */
const normalised = (text: string): string | undefined => {
  const dense = /\s/.test(text) ? text.replace(/\s/g, "") : text
  let end = dense.length
  while (end > 0 && dense.length - end < 2 && dense.endsWith("=", end)) end--
  const body = dense.slice(0, end)
  if (!/[^A-Za-z0-9+/]/.test(body)) return body
  const standard = body.replaceAll("-", "+").replaceAll("_", "/")
  return /[^A-Za-z0-9+/]/.test(standard) ? undefined : standard
}

/**
 * Decodes base64 and base64url, with or without padding, and ignores white space. `undefined` if the text is neither, or
 * ends in the middle of a byte.
 */
export const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = decodeQuickly(text)
  if (bytes !== undefined) return bytes
  const body = normalised(text)
  if (body === undefined || body.length % 4 === 1) return undefined
  return decodeCanonical(body.padEnd(Math.ceil(body.length / 4) * 4, "="))
}

export const encodeBase64 = (bytes: Uint8Array): string => {
  const Buffer = nativeBuffer()
  return Buffer === undefined ? Encoding.encodeBase64(bytes) : Buffer.from(bytes).toString("base64")
}
