/**
 * Checks whether an image is complete. The check reads the structure of the format from the first byte on, by the
 * lengths in it and without decoding. A search for the end marker is not enough: a JPEG may contain a thumbnail with
 * its own end marker. Bytes after the end are ignored.
 */

/** Reads beyond the end give `NaN`, which no comparison accepts. */
type Read = (at: number) => number

const byteOf =
  (bytes: Uint8Array): Read =>
  (at) =>
    bytes[at] ?? Number.NaN

const uint16 = (byte: Read, at: number): number => byte(at) * 0x100 + byte(at + 1)

const uint32 = (byte: Read, at: number): number => uint16(byte, at) * 0x10000 + uint16(byte, at + 2)

const asciiAt = (bytes: Uint8Array, at: number, text: string): boolean =>
  Array.from(text).every((char, index) => bytes[at + index] === char.charCodeAt(0))

/** A RIFF file has its length in its header. */
export const isWholeWebp = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  return bytes.length >= 8 + byte(4) + byte(5) * 0x100 + byte(6) * 0x10000 + byte(7) * 0x1000000
}

/** A signature of 8 bytes, then chunks (length, type, data, checksum). The last chunk is IEND. */
export const isWholePng = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  for (let at = 8; at < bytes.length; ) {
    const end = at + 12 + uint32(byte, at)
    if (asciiAt(bytes, at + 4, "IEND")) return end <= bytes.length
    if (!(end <= bytes.length)) return false
    at = end
  }
  return false
}

/** Whether a JPEG marker has no segment: TEM, or a restart marker within coded data. */
const hasNoSegment = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)

/**
 * A sequence of markers; most of them have a segment with a length. Coded data follows its segment without a length. In
 * coded data, a zero follows each 0xff, so that it is not the start of a marker. Any number of fill bytes may precede a
 * marker.
 */
export const isWholeJpeg = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  for (let at = 2; ; ) {
    // also skips coded data, and invalid bytes between segments, like decoders do
    at = bytes.indexOf(0xff, at)
    if (at < 0) return false
    const marker = byte(at + 1)
    if (marker === 0xd9) return true
    if (marker === 0xff) at += 1
    else if (marker === 0x00 || hasNoSegment(marker)) at += 2
    else {
      const length = uint16(byte, at + 2)
      if (!(length >= 2)) return false
      at += 2 + length
    }
  }
}

/** The size of the color table in bytes, from the flags. */
const colorTable = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

/** The position after a list of sub-blocks. The first byte of each is its length; an empty one ends the list. */
const afterSubBlocks = (byte: Read, start: number): number => {
  let at = start
  for (let length = byte(at); length !== 0; length = byte(at)) {
    if (Number.isNaN(length)) return length
    at += 1 + length
  }
  return at + 1
}

/** A screen descriptor, then extensions and images in any order, up to the trailer. */
export const isWholeGif = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  for (let at = 13 + colorTable(byte(10)); at < bytes.length; ) {
    const block = byte(at)
    if (block === 0x3b) return true
    if (block === 0x21) at = afterSubBlocks(byte, at + 2)
    else if (block === 0x2c) at = afterSubBlocks(byte, at + 10 + colorTable(byte(at + 9)) + 1)
    // some encoders write an additional empty block
    else if (block === 0x00) at += 1
    else return false
  }
  return false
}

interface Box {
  readonly type: string
  /** The position of its contents. */
  readonly start: number
  /** The position after it, from its length. */
  readonly end: number
}

/** The boxes from a position on. Ends after a truncated box, and at bytes that are not a box. */
const boxes = function* (bytes: Uint8Array, from: number): Generator<Box> {
  const byte = byteOf(bytes)
  for (let at = from; at + 8 <= bytes.length; ) {
    const size = uint32(byte, at)
    const type = String.fromCharCode(byte(at + 4), byte(at + 5), byte(at + 6), byte(at + 7))
    const header = size === 1 ? 16 : 8
    // a size of 0 means that the last box extends to the end of the file; 1 means that a size of 64 bits follows
    const declared = size === 1 ? uint32(byte, at + 8) * 2 ** 32 + uint32(byte, at + 12) : size
    const length = size === 0 ? bytes.length - at : declared
    if (!(length >= header)) return
    const box = { type, start: at + header, end: at + length }
    yield box
    if (box.end > bytes.length) return
    at = box.end
  }
}

/**
 * Boxes with a length, in any order, without an end marker. The file must contain a description of the image (`meta`)
 * and its data (`mdat`, or `idat` within the description).
 */
export const isWholeAvif = (bytes: Uint8Array): boolean => {
  let hasMeta = false
  let hasData = false
  for (const { end, start, type } of boxes(bytes, 0)) {
    const isWhole = end <= bytes.length
    if (!isWhole && type === "mdat") return false
    if (!isWhole) break
    if (type === "mdat") hasData = true
    if (type !== "meta") continue
    hasMeta = true
    // a version and flags precede the inner boxes
    for (const inner of boxes(bytes.subarray(0, end), start + 4)) hasData ||= inner.type === "idat"
  }
  return hasMeta && hasData
}
