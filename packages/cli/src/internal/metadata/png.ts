/** XMP in PNG: a text chunk before the compressed picture, which is not changed. */
import { crc32 } from "node:zlib"

export const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
  /** The chunk with its length, type and checksum. */
  readonly whole: Uint8Array
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The chunks of a PNG file, or `undefined` if it is malformed. */
const chunksOf = (bytes: Uint8Array): ReadonlyArray<Chunk> | undefined => {
  if (!signature.every((byte, index) => bytes[index] === byte)) return undefined
  const view = viewOf(bytes)
  const chunks: Array<Chunk> = []
  for (let at = 8; at < bytes.length; ) {
    if (at + 12 > bytes.length) return undefined
    const end = at + 12 + view.getUint32(at)
    if (end > bytes.length) return undefined
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) })
    at = end
    if (type === "IEND") break
  }
  return chunks.at(-1)?.type === "IEND" ? chunks : undefined
}

/** The keyword of XMP, then: not compressed, no compression method, no language, no translated keyword. */
const prefix = new TextEncoder().encode("XML:com.adobe.xmp\0\0\0\0\0")

const isXmp = ({ data, type }: Chunk): boolean =>
  type === "iTXt" && data.length >= prefix.length && prefix.every((byte, index) => data[index] === byte)

export const chunkOf = (type: string, data: Uint8Array): Uint8Array => {
  const chunk = new Uint8Array(12 + data.length)
  const view = viewOf(chunk)
  view.setUint32(0, data.length)
  chunk.set(new TextEncoder().encode(type), 4)
  chunk.set(data, 8)
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)))
  return chunk
}

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The file with this XMP packet instead of an earlier one, or `undefined` if the file is malformed. */
export const write = (bytes: Uint8Array, packet: Uint8Array): Uint8Array | undefined => {
  const chunks = chunksOf(bytes)?.filter((chunk) => !isXmp(chunk))
  if (chunks === undefined) return undefined
  const picture = chunks.findIndex(({ type }) => type === "IDAT")
  if (picture < 0) return undefined
  const text = chunkOf("iTXt", concat([prefix, packet]))
  const wholes = chunks.map(({ whole }) => whole)
  return concat([Uint8Array.from(signature), ...wholes.slice(0, picture), text, ...wholes.slice(picture)])
}

/** The XMP packet of a file, if it has one. */
export const read = (bytes: Uint8Array): Uint8Array | undefined =>
  chunksOf(bytes)?.find(isXmp)?.data.subarray(prefix.length)
