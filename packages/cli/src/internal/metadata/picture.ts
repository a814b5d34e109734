/** Writes how a picture was generated into its file, and reads it. The picture is not encoded again. */
import * as Option from "effect/Option"
import { type Format, formatOf } from "../pictures/signature.js"
import type { Generation } from "./generation.js"
import * as Png from "./png.js"
import * as Webp from "./webp.js"
import * as Xmp from "./xmp.js"

/** The formats whose files can have metadata. */
const formats = { WebP: Webp, PNG: Png }

const hasMetadata = (format: Format | undefined): format is keyof typeof formats =>
  format === "WebP" || format === "PNG"

/** The name of the format, `undefined` if it is neither WebP nor PNG. */
export const formatName = (bytes: Uint8Array): keyof typeof formats | undefined => {
  const format = formatOf(bytes)
  return hasMetadata(format) ? format : undefined
}

const codecOf = (bytes: Uint8Array) => {
  const name = formatName(bytes)
  return name === undefined ? undefined : formats[name]
}

/** The file with the metadata, or `undefined` if it is malformed or of another format. */
export const write = (bytes: Uint8Array, generation: Generation): Uint8Array | undefined =>
  codecOf(bytes)?.write(bytes, Xmp.encode(generation))

/** The metadata of a file, if it has any. */
export const read = (bytes: Uint8Array): Option.Option<Generation> =>
  Option.flatMap(Option.fromNullable(codecOf(bytes)?.read(bytes)), Xmp.decode)
