/** XMP in WebP: a chunk of the RIFF container. The compressed picture is not changed. */

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

const ascii = (bytes: Uint8Array, start: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(start, start + length))

const littleEndian = (bytes: Uint8Array, at: number, length: number): number => {
  let value = 0
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}

const putLittleEndian = (bytes: Uint8Array, at: number, length: number, value: number): void => {
  for (let index = 0; index < length; index++) bytes[at + index] = Math.floor(value / 256 ** index) % 256
}

/** The chunks of a WebP file, or `undefined` if it is malformed. */
const chunksOf = (bytes: Uint8Array): ReadonlyArray<Chunk> | undefined => {
  if (bytes.length < 20 || ascii(bytes, 0, 4) !== "RIFF" || ascii(bytes, 8, 4) !== "WEBP") return undefined
  const end = Math.min(bytes.length, 8 + littleEndian(bytes, 4, 4))
  const chunks: Array<Chunk> = []
  for (let at = 12; at < end; ) {
    const size = littleEndian(bytes, at + 4, 4)
    if (at + 8 + size > end) return undefined
    chunks.push({ type: ascii(bytes, at, 4), data: bytes.subarray(at + 8, at + 8 + size) })
    at += 8 + size + (size % 2)
  }
  return chunks
}

const alphaFlag = 0x10
const xmpFlag = 0x04

/** The extended header of a file that has none, from the size in its compressed picture. */
const extendedHeader = ({ data, type }: Chunk): Uint8Array | undefined => {
  const header = new Uint8Array(10)
  const set = (width: number, height: number): Uint8Array => {
    putLittleEndian(header, 4, 3, width - 1)
    putLittleEndian(header, 7, 3, height - 1)
    return header
  }
  if (type === "VP8 " && data.length >= 10 && littleEndian(data, 3, 3) === 0x2a019d) {
    return set(littleEndian(data, 6, 2) & 0x3fff, littleEndian(data, 8, 2) & 0x3fff)
  }
  if (type === "VP8L" && data.length >= 5 && data[0] === 0x2f) {
    const bits = littleEndian(data, 1, 4)
    if (Math.floor(bits / 2 ** 28) % 2 === 1) header[0] = alphaFlag
    return set((bits & 0x3fff) + 1, (Math.floor(bits / 2 ** 14) & 0x3fff) + 1)
  }
  return undefined
}

const join = (chunks: ReadonlyArray<Chunk>): Uint8Array => {
  const length = chunks.reduce((sum, { data }) => sum + 8 + data.length + (data.length % 2), 12)
  const bytes = new Uint8Array(length)
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at)
  put(0, "RIFF")
  putLittleEndian(bytes, 4, 4, length - 8)
  put(8, "WEBP")
  let at = 12
  for (const { data, type } of chunks) {
    put(at, type)
    putLittleEndian(bytes, at + 4, 4, data.length)
    bytes.set(data, at + 8)
    at += 8 + data.length + (data.length % 2)
  }
  return bytes
}

/** The file with this XMP packet instead of an earlier one, or `undefined` if the file is malformed. */
export const write = (bytes: Uint8Array, packet: Uint8Array): Uint8Array | undefined => {
  const chunks = chunksOf(bytes)?.filter(({ type }) => type !== "XMP ")
  const [first, ...rest] = chunks ?? []
  if (first === undefined) return undefined
  const isExtended = first.type === "VP8X" && first.data.length >= 10
  const header = isExtended ? first.data.slice() : extendedHeader(first)
  if (header === undefined) return undefined
  header[0] = (header[0] ?? 0) | xmpFlag
  const pictures = isExtended ? rest : [first, ...rest]
  return join([{ type: "VP8X", data: header }, ...pictures, { type: "XMP ", data: packet }])
}

/** The XMP packet of a file, if it has one. */
export const read = (bytes: Uint8Array): Uint8Array | undefined =>
  chunksOf(bytes)?.find(({ type }) => type === "XMP ")?.data
