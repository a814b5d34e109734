/** Tells an image format by its first bytes: what a server says of it is not to be relied on. */

interface Format {
  readonly mediaType: string
  readonly extension: string
  readonly matches: (head: Uint8Array) => boolean
  /** How long the image says that it is, at least. */
  readonly length?: (head: Uint8Array) => number
}

/** So many bytes of an image tell all that is told here. */
export const headLength = 16

const startsWith = (bytes: Uint8Array, signature: ReadonlyArray<number>, offset = 0): boolean =>
  signature.every((byte, index) => bytes[offset + index] === byte)

const ascii = (text: string): ReadonlyArray<number> => Array.from(text, (char) => char.charCodeAt(0))

const formats: ReadonlyArray<Format> = [
  {
    mediaType: "image/webp",
    extension: "webp",
    matches: (head) => startsWith(head, ascii("RIFF")) && startsWith(head, ascii("WEBP"), 8),
    length: (head) => 8 + new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(4, true)
  },
  {
    mediaType: "image/png",
    extension: "png",
    matches: (head) => startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  },
  { mediaType: "image/jpeg", extension: "jpg", matches: (head) => startsWith(head, [0xff, 0xd8, 0xff]) },
  { mediaType: "image/gif", extension: "gif", matches: (head) => startsWith(head, ascii("GIF8")) },
  { mediaType: "image/avif", extension: "avif", matches: (head) => startsWith(head, ascii("ftypavif"), 4) }
]

const formatOf = (head: Uint8Array): Format | undefined => formats.find(({ matches }) => matches(head))

/** `undefined` where it is none of the formats that pictures come in. */
export const mediaTypeOf = (head: Uint8Array): string | undefined => formatOf(head)?.mediaType

/** Whether an image that starts so has fewer bytes than it says. Only WebP says, which is what workers deliver. */
export const isCut = (head: Uint8Array, byteLength: number): boolean =>
  byteLength < (formatOf(head)?.length?.(head) ?? 0)

/** What the names of such files end in. */
export const extensions: ReadonlyMap<string, string> = new Map(
  formats.map(({ extension, mediaType }) => [mediaType, extension])
)
