/** The colours of a picture: their average, their names, and the most frequent ones. */
import type { Pixel } from "./picture.js"

const clampByte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)))

export const average = (pixels: ReadonlyArray<Pixel>): Pixel => {
  const mean = (channel: 0 | 1 | 2): number =>
    clampByte(pixels.reduce((sum, pixel) => sum + pixel[channel], 0) / Math.max(1, pixels.length))
  return [mean(0), mean(1), mean(2)]
}

/** A colour in hexadecimal notation, such as `#a0b0c0`. */
export const hex = (pixel: Pixel): string => `#${pixel.map((value) => value.toString(16).padStart(2, "0")).join("")}`

/** Names of hues, each with the hue in degrees at which the next one starts. */
const hues: ReadonlyArray<readonly [name: string, end: number]> = [
  ["red", 15],
  ["orange", 45],
  ["yellow", 70],
  ["green", 165],
  ["cyan", 195],
  ["blue", 255],
  ["purple", 290],
  ["pink", 345],
  ["red", 360]
]

const hueOf = ([red, green, blue]: Pixel): number => {
  const [max, min] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  const range = max - min
  if (range === 0) return 0
  const sector =
    max === red ? (green - blue) / range + 6 : max === green ? (blue - red) / range + 2 : (red - green) / range + 4
  return (sector * 60) % 360
}

/** The name of a hue, in degrees. */
export const nameOfHue = (degrees: number): string => {
  const hue = ((degrees % 360) + 360) % 360
  return hues.find(([, end]) => hue < end)?.[0] ?? "red"
}

/** The name of a colour in plain English. */
export const nameOf = (pixel: Pixel): string => {
  const [max, min] = [Math.max(...pixel), Math.min(...pixel)]
  if (max < 40) return "black"
  if (min > 225) return "white"
  if (max - min < 24) return "grey"
  return nameOfHue(hueOf(pixel))
}

/** A frequent colour, and the share of the pixels that are close to it. */
export interface Frequent {
  readonly colour: Pixel
  readonly share: number
}

/** The most frequent colours, the most frequent one first. Pixels are grouped into cubes of the colour space. */
export const palette = (pixels: ReadonlyArray<Pixel>, size: number): ReadonlyArray<Frequent> => {
  const groups = new Map<string, Array<Pixel>>()
  for (const pixel of pixels) {
    const cube = pixel.map((value) => value >> 6).join()
    const group = groups.get(cube)
    if (group === undefined) groups.set(cube, [pixel])
    else group.push(pixel)
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .slice(0, size)
    .map((group) => ({ colour: average(group), share: Math.round((1000 * group.length) / pixels.length) / 1000 }))
}
