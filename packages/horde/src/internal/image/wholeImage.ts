/**
 * Tells whether an image is there to its end. Each format is walked from its first byte, by the lengths that it has
 * itself and without decoding: an end marker alone could be a part of the data, such as the thumbnail in a JPEG. What
 * follows the end is ignored.
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

/** RIFF says how long it is, in its first bytes. */
export const isWholeWebp = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  return bytes.length >= 8 + byte(4) + byte(5) * 0x100 + byte(6) * 0x10000 + byte(7) * 0x1000000
}

/** A signature of 8 bytes, then chunks (length, type, data, checksum), the last of which is IEND. */
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

/** Whether a JPEG marker stands alone: TEM, or a restart within coded data. */
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)

/**
 * Markers, most of them with a segment that says how long it is. Coded data follows its segment without a length; in it
 * a zero follows each byte that would look like the start of a marker. Any number of fill bytes may precede a marker.
 */
export const isWholeJpeg = (bytes: Uint8Array): boolean => {
  const byte = byteOf(bytes)
  for (let at = 2; ; ) {
    // also passes over coded data, and over bytes that do not belong between segments, as decoders do
    at = bytes.indexOf(0xff, at)
    if (at < 0) return false
    const marker = byte(at + 1)
    if (marker === 0xd9) return true
    if (marker === 0xff) at += 1
    else if (marker === 0x00 || isAlone(marker)) at += 2
    else {
      const length = uint16(byte, at + 2)
      if (!(length >= 2)) return false
      at += 2 + length
    }
  }
}

/** The size of the color table that the flags announce. */
const colorTable = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

/** Where the blocks of data end that begin here: each has its length in its first byte, and an empty one is the last. */
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
    // some encoders leave an empty block too many behind
    else if (block === 0x00) at += 1
    else return false
  }
  return false
}

interface Box {
  readonly type: string
  /** Where its contents begin. */
  readonly start: number
  /** Where it ends, by what it says. */
  readonly end: number
}

/** The boxes from a place on, up to the first that is not there to its end, or that is none. */
const boxes = function* (bytes: Uint8Array, from: number): Generator<Box> {
  const byte = byteOf(bytes)
  for (let at = from; at + 8 <= bytes.length; ) {
    const size = uint32(byte, at)
    const type = String.fromCharCode(byte(at + 4), byte(at + 5), byte(at + 6), byte(at + 7))
    const header = size === 1 ? 16 : 8
    // a size of 0 means that the last box goes on to the end of the file
    const told = size === 1 ? uint32(byte, at + 8) * 2 ** 32 + uint32(byte, at + 12) : size
    const length = size === 0 ? bytes.length - at : told
    if (!(length >= header)) return
    const box = { type, start: at + header, end: at + length }
    yield box
    if (box.end > bytes.length) return
    at = box.end
  }
}

/**
 * Boxes that say how long they are, in any order, without an end marker. A description of the image (`meta`) and its
 * data (`mdat`, or `idat` within the description) must be there.
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
    // a version and flags precede the boxes within
    for (const inner of boxes(bytes.subarray(0, end), start + 4)) hasData ||= inner.type === "idat"
  }
  return hasMeta && hasData
}
