/** The pictures of the demo worker: a gradient that depends on the prompt and the seed. */
import { deflateSync } from "node:zlib"
import { chunkOf, concat, signature } from "../metadata/png.js"

const header = (width: number, height: number): Uint8Array => {
  const bytes = new Uint8Array(13)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  bytes.set([8, 2], 8) // 8 bits each of red, green and blue
  return bytes
}

/** The same request and seed give the same picture, as PNG. */
export const draw = (prompt: string, seed: number, width: number, height: number): Uint8Array => {
  const hue = (seed + prompt.length * 31) % 128
  const rows = new Uint8Array(height * (1 + 3 * width))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = [hue + (127 * y) / height, (160 * x) / width, 255 - (200 * y) / height]
      rows.set(colour, y * (1 + 3 * width) + 1 + 3 * x)
    }
  }
  return concat([
    Uint8Array.from(signature),
    chunkOf("IHDR", header(width, height)),
    chunkOf("IDAT", deflateSync(rows)),
    chunkOf("IEND", new Uint8Array(0))
  ])
}
