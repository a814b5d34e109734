/** Decodes `data:` URLs (RFC 2397), such as `data:image/png;base64,iVBORw0KGgo=`. */
import { decodeBase64 } from "./base64.js"

export const isDataUrl = (text: string): boolean => /^data:/i.test(text)

const hexDigit = (code: number | undefined): number => Number.parseInt(String.fromCharCode(code ?? 0), 16)

/** A `%` that is not followed by two hexadecimal digits is kept. */
const percentDecode = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = new TextEncoder().encode(text)
  let size = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    const value = byte === 0x25 ? hexDigit(bytes[at + 1]) * 16 + hexDigit(bytes[at + 2]) : Number.NaN
    bytes[size++] = Number.isNaN(value) ? byte : value
    if (!Number.isNaN(value)) at += 2
  }
  return bytes.subarray(0, size)
}

/** The bytes in a `data:` URL; `undefined` if it has no data, or if its base64 is invalid. */
export const decodeDataUrl = (url: string): Uint8Array<ArrayBuffer> | undefined => {
  const comma = url.indexOf(",")
  if (comma < 0) return undefined
  const parameters = url.slice(0, comma).split(";").slice(1)
  const data = url.slice(comma + 1)
  if (parameters.at(-1)?.trim().toLowerCase() !== "base64") return percentDecode(data)
  return decodeBase64(data.includes("%") ? new TextDecoder().decode(percentDecode(data)) : data)
}
