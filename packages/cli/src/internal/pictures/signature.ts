/** Recognises pictures by their first bytes. */

export type Format = "WebP" | "PNG" | "JPEG" | "GIF" | "AVIF" | "BMP"

type Signature = readonly [format: Format, ...parts: ReadonlyArray<readonly [at: number, text: string]>]

/** The texts at the start of a file, each at its position, of the formats that workers can open. */
const signatures: ReadonlyArray<Signature> = [
  ["WebP", [0, "RIFF"], [8, "WEBP"]],
  ["PNG", [0, "\u0089PNG"]],
  ["JPEG", [0, "\u00ff\u00d8\u00ff"]],
  ["GIF", [0, "GIF8"]],
  ["AVIF", [4, "ftypavif"]],
  ["BMP", [0, "BM"]]
]

/** The format of a picture, `undefined` for another file. */
export const formatOf = (bytes: Uint8Array): Format | undefined => {
  const start = String.fromCharCode(...bytes.subarray(0, 16))
  return signatures.find(([, ...parts]) => parts.every(([at, text]) => start.startsWith(text, at)))?.[0]
}
