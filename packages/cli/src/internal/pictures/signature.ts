/** Recognises pictures by their first bytes. */

/** The texts at the start of a file, each at its position, by format. */
const signatures: ReadonlyArray<ReadonlyArray<readonly [at: number, text: string]>> = [
  [
    [0, "RIFF"],
    [8, "WEBP"]
  ],
  [[0, "\u0089PNG"]],
  [[0, "\u00ff\u00d8\u00ff"]], // JPEG
  [[0, "GIF8"]],
  [[4, "ftypavif"]],
  [[0, "BM"]]
]

/** Whether the file has one of the formats that workers can open. */
export const isPicture = (bytes: Uint8Array): boolean => {
  const start = String.fromCharCode(...bytes.subarray(0, 16))
  return signatures.some((parts) => parts.every(([at, text]) => start.startsWith(text, at)))
}
