/** Images of every format of pictures, by real encoders, small enough to be truncated at every length. */
import { createCanvas, GifEncoder } from "@napi-rs/canvas"

const paint = (size: number) => {
  const canvas = createCanvas(size, size)
  const context = canvas.getContext("2d")
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      context.fillStyle = `rgb(${(x * 37) % 256}, ${(y * 59) % 256}, ${(x * y * 17) % 256})`
      context.fillRect(x, y, 1, 1)
    }
  }
  return canvas
}

const animation = (size: number, frames: number): Uint8Array => {
  const encoder = new GifEncoder(size, size, { repeat: 0 })
  const pixels = paint(size).getContext("2d").getImageData(0, 0, size, size).data
  for (let frame = 0; frame < frames; frame++) encoder.addFrame(new Uint8Array(pixels), size, size)
  return encoder.finish()
}

/** Without the buffer of the encoder, so that only the bytes are compared. */
const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** Complete images, by the features of their format. */
export const images = (): ReadonlyMap<
  string,
  { readonly bytes: Uint8Array<ArrayBuffer>; readonly mediaType: string }
> =>
  new Map([
    ["a lossy WebP", { bytes: copy(paint(9).encodeSync("webp", 50)), mediaType: "image/webp" }],
    ["a lossless WebP", { bytes: copy(paint(9).encodeSync("webp", 100)), mediaType: "image/webp" }],
    ["a PNG", { bytes: copy(paint(16).encodeSync("png")), mediaType: "image/png" }],
    ["a JPEG", { bytes: copy(paint(16).encodeSync("jpeg", 70)), mediaType: "image/jpeg" }],
    ["an AVIF", { bytes: copy(paint(16).encodeSync("avif", { quality: 40 })), mediaType: "image/avif" }],
    ["a GIF", { bytes: copy(paint(9).encodeSync("gif")), mediaType: "image/gif" }],
    ["an animated GIF", { bytes: copy(animation(9, 3)), mediaType: "image/gif" }]
  ])
