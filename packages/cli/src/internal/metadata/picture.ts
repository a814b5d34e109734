/** Writes how a picture was generated into its file, and reads it. The picture is not encoded again. */
import * as Option from "effect/Option"
import type { Generation } from "./generation.js"
import * as Png from "./png.js"
import * as Webp from "./webp.js"
import * as Xmp from "./xmp.js"

const startsWith = (bytes: Uint8Array, text: string, at: number): boolean =>
  Array.from(text).every((character, index) => bytes[at + index] === character.charCodeAt(0))

/** The formats whose files can have metadata. */
const formatOf = (bytes: Uint8Array) => {
  if (startsWith(bytes, "RIFF", 0) && startsWith(bytes, "WEBP", 8)) return { name: "WebP", ...Webp }
  if (startsWith(bytes, "PNG", 1)) return { name: "PNG", ...Png }
  return undefined
}

/** The name of the format, `undefined` if it is neither WebP nor PNG. */
export const formatName = (bytes: Uint8Array): string | undefined => formatOf(bytes)?.name

/** The file with the metadata, or `undefined` if it is malformed or of another format. */
export const write = (bytes: Uint8Array, generation: Generation): Uint8Array | undefined =>
  formatOf(bytes)?.write(bytes, Xmp.encode(generation))

/** The metadata of a file, if it has any. */
export const read = (bytes: Uint8Array): Option.Option<Generation> =>
  Option.flatMap(Option.fromNullable(formatOf(bytes)?.read(bytes)), Xmp.decode)
