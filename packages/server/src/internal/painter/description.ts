/**
 * The description of a picture, inside its file: as XMP metadata, which other programs can read too. Metadata of a WebP
 * file is at its end, and needs the extended format, in which the painter's encoder writes.
 */

const encoder = new TextEncoder()

/** A chunk of a RIFF file: its type, its length, and its data, padded to an even length. */
const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(8 + data.length + (data.length % 2))
  bytes.set(encoder.encode(type))
  new DataView(bytes.buffer).setUint32(4, data.length, true)
  bytes.set(data, 8)
  return bytes
}

const typeAt = (file: Uint8Array, at: number): string => new TextDecoder("latin1").decode(file.subarray(at, at + 4))

/** The flags of an extended file, which begins with the chunk `VP8X`, and the flag of XMP metadata. */
const flagsAt = 20
const hasXmp = 4

const xmp = (description: string): string =>
  [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">',
    `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${description}</rdf:li></rdf:Alt></dc:description>`,
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
  ].join("")

/**
 * A file with a description, which must not have characters with a meaning in XML. A WebP file in the simple format,
 * which cannot have metadata, stays as it is.
 */
export const withDescription = (file: Uint8Array, description: string): Uint8Array => {
  if (typeAt(file, 12) !== "VP8X") return file
  const contents = Buffer.concat([file.subarray(8), chunk("XMP ", encoder.encode(xmp(description)))])
  contents[flagsAt - 8] = (contents[flagsAt - 8] ?? 0) | hasXmp
  return chunk("RIFF", contents)
}

/** The description in a WebP file that was written here; `undefined` without one. */
export const descriptionIn = (file: Uint8Array): string | undefined => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (typeAt(file, 0) !== "RIFF" || typeAt(file, 8) !== "WEBP") return undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true)
    if (typeAt(file, at) === "XMP ") {
      const text = new TextDecoder().decode(file.subarray(at + 8, at + 8 + length))
      return /<dc:description><rdf:Alt><rdf:li xml:lang="x-default">([^<&]+)</.exec(text)?.[1]
    }
    at += 8 + length + (length % 2)
  }
  return undefined
}
