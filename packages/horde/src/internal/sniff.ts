/** Tells an image format by its first bytes: what a server says of it is not to be relied on. */

const startsWith = (bytes: Uint8Array, signature: ReadonlyArray<number>, offset = 0): boolean =>
  signature.every((byte, index) => bytes[offset + index] === byte)

const ascii = (text: string): ReadonlyArray<number> => Array.from(text, (char) => char.charCodeAt(0))

const formats: ReadonlyArray<readonly [mediaType: string, matches: (bytes: Uint8Array) => boolean]> = [
  ["image/webp", (bytes) => startsWith(bytes, ascii("RIFF")) && startsWith(bytes, ascii("WEBP"), 8)],
  ["image/png", (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ["image/jpeg", (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff])],
  ["image/gif", (bytes) => startsWith(bytes, ascii("GIF8"))],
  ["image/avif", (bytes) => startsWith(bytes, ascii("ftypavif"), 4)]
]

/** `undefined` where it is none of the formats that pictures come in. */
export const mediaTypeOf = (bytes: Uint8Array): string | undefined => formats.find(([, matches]) => matches(bytes))?.[0]
