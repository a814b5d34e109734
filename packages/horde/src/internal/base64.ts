/** Base64 by the fastest means that the platform has: its own where it has one, Effect's otherwise. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

interface NativeBytes {
  readonly fromBase64?: (text: string) => Uint8Array
}

interface NativeBuffer {
  readonly from: (text: string, encoding: "base64") => Uint8Array
}

const native: NativeBytes = Uint8Array as NativeBytes
const buffer = (globalThis as { readonly Buffer?: NativeBuffer }).Buffer

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)

/** `undefined` where the text is not base64. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  if (native.fromBase64 !== undefined) {
    try {
      return native.fromBase64(text)
    } catch {
      return undefined
    }
  }
  // Node's Buffer skips over what is not base64, so it must not see it
  if (buffer !== undefined) return isBase64(text) ? buffer.from(text, "base64") : undefined
  return Either.getOrUndefined(Encoding.decodeBase64(text))
}

export const encodeBase64 = (bytes: Uint8Array): string => Encoding.encodeBase64(bytes)
