/** Decodes pictures, reads their pixels, and renders changed versions of them. */
import { createCanvas, Image, type SKRSContext2D } from "@napi-rs/canvas"

/** The red, green and blue of a pixel, each from 0 to 255. */
export type Pixel = readonly [red: number, green: number, blue: number]

/** A larger result would take more memory than a server for development should use. */
const maxPixels = 4096 * 4096

/** `undefined` if the bytes are no picture in a known format. */
export const decode = (bytes: Uint8Array): Image | undefined => {
  const image = new Image()
  // without a handler a decoding error is thrown
  image.onerror = () => {}
  image.src = Buffer.from(bytes)
  return image.width > 0 && image.height > 0 ? image : undefined
}

const draw = (image: Image, width: number, height: number): SKRSContext2D => {
  const context = createCanvas(width, height).getContext("2d")
  context.drawImage(image, 0, 0, width, height)
  return context
}

/** The rows of a picture that is scaled to a size. */
export const pixels = (image: Image, width: number, height: number): ReadonlyArray<ReadonlyArray<Pixel>> => {
  const { data } = draw(image, width, height).getImageData(0, 0, width, height)
  const pixel = (at: number): Pixel => [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixel(4 * (y * width + x))))
}

const encode = ({ canvas }: SKRSContext2D): Uint8Array => canvas.encodeSync("webp", 90)

/** The picture as WebP in another size; `undefined` if it would be too large. */
export const scaled = (image: Image, factor: number): Uint8Array | undefined => {
  const [width, height] = [image.width * factor, image.height * factor]
  return width * height > maxPixels ? undefined : encode(draw(image, width, height))
}

/** Changes the red, green, blue and opacity of each pixel, each from 0 to 255. */
const mapped = (image: Image, change: (pixel: Pixel) => readonly [...pixel: Pixel, alpha: number]): Uint8Array => {
  const context = draw(image, image.width, image.height)
  const contents = context.getImageData(0, 0, image.width, image.height)
  const { data } = contents
  for (let at = 0; at < data.length; at += 4)
    data.set(change([data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]), at)
  context.putImageData(contents, 0, 0)
  return encode(context)
}

/** The perceived brightness, from 0 to 255. */
export const luminance = ([red, green, blue]: Pixel): number => 0.299 * red + 0.587 * green + 0.114 * blue

/** The picture in shades of grey. */
export const grey = (image: Image): Uint8Array =>
  mapped(image, (pixel) => {
    const shade = Math.round(luminance(pixel))
    return [shade, shade, shade, 255]
  })

/** How far a colour may be from the background, as a distance in the colour space. */
const tolerance = 60

const distance = (one: Pixel, other: Pixel): number =>
  Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])

/** The picture with transparent pixels where its colour is close to that of its upper left corner. */
export const withoutBackground = (image: Image): Uint8Array => {
  const [[background = [0, 0, 0] as const] = []] = pixels(image, 16, 16)
  return mapped(image, (pixel) => [...pixel, distance(pixel, background) < tolerance ? 0 : 255])
}
