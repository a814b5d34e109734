/** Detects the format of an image from its first bytes, not from a header, and whether the image is complete. */
import { isWholeAvif, isWholeGif, isWholeJpeg, isWholePng, isWholeWebp } from "./wholeImage.js"

interface Format {
  readonly mediaType: string
  readonly extension: string
  readonly matches: (bytes: Uint8Array) => boolean
  readonly isWhole: (bytes: Uint8Array) => boolean
}

const startsWith = (bytes: Uint8Array, signature: ReadonlyArray<number>, offset = 0): boolean =>
  signature.every((byte, index) => bytes[offset + index] === byte)

const ascii = (text: string): ReadonlyArray<number> => Array.from(text, (char) => char.charCodeAt(0))

const formats: ReadonlyArray<Format> = [
  {
    mediaType: "image/webp",
    extension: "webp",
    matches: (bytes) => startsWith(bytes, ascii("RIFF")) && startsWith(bytes, ascii("WEBP"), 8),
    isWhole: isWholeWebp
  },
  {
    mediaType: "image/png",
    extension: "png",
    matches: (bytes) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    isWhole: isWholePng
  },
  {
    mediaType: "image/jpeg",
    extension: "jpg",
    matches: (bytes) => startsWith(bytes, [0xff, 0xd8, 0xff]),
    isWhole: isWholeJpeg
  },
  {
    mediaType: "image/gif",
    extension: "gif",
    matches: (bytes) => startsWith(bytes, ascii("GIF8")),
    isWhole: isWholeGif
  },
  {
    mediaType: "image/avif",
    extension: "avif",
    matches: (bytes) => startsWith(bytes, ascii("ftypavif"), 4),
    isWhole: isWholeAvif
  }
]

/** The media type of an image, and whether the image is complete. */
export interface Sniffed {
  readonly mediaType: string
  readonly isWhole: boolean
}

/** `undefined` if the format is unknown. */
export const sniff = (bytes: Uint8Array): Sniffed | undefined => {
  const format = formats.find(({ matches }) => matches(bytes))
  return format && { mediaType: format.mediaType, isWhole: format.isWhole(bytes) }
}

/** The file extension of each media type. */
export const extensions: ReadonlyMap<string, string> = new Map(
  formats.map(({ extension, mediaType }) => [mediaType, extension])
)
