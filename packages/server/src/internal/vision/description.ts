/** Descriptions of a picture, computed from its pixels: sentences, tags, a score and a drawing of coarse rectangles. */
import type { Image } from "@napi-rs/canvas"
import { average, hex, nameOf, palette } from "./colours.js"
import { luminance, type Pixel, pixels } from "./picture.js"

/** The size in which colours are read. */
const side = 32

const rowsOf = (image: Image): ReadonlyArray<ReadonlyArray<Pixel>> => pixels(image, side, side)

const toneOf = (all: ReadonlyArray<Pixel>): string => {
  const brightness = luminance(average(all))
  return brightness < 85 ? "dark" : brightness > 170 ? "bright" : "soft"
}

/** A sentence about the tone of a picture, and the colours of its upper and lower third. */
export const caption = (image: Image): string => {
  const rows = rowsOf(image)
  const third = Math.floor(rows.length / 3)
  const top = nameOf(average(rows.slice(0, third).flat()))
  const bottom = nameOf(average(rows.slice(-third).flat()))
  const tone = toneOf(rows.flat())
  return top === bottom ? `a ${tone} ${top} scene` : `a ${tone} scene, ${top} at the top and ${bottom} at the bottom`
}

/** The frequent colours in hexadecimal notation, the most frequent one first. */
export const colours = (image: Image): ReadonlyArray<string> =>
  palette(rowsOf(image).flat(), 6).map(({ colour }) => hex(colour))

/** The names of the frequent colours, with their share of the picture as confidence. */
export const tags = (image: Image): ReadonlyArray<{ readonly text: string; readonly confidence: number }> => {
  const shares = new Map<string, number>()
  for (const { colour, share } of palette(rowsOf(image).flat(), 12)) {
    shares.set(nameOf(colour), (shares.get(nameOf(colour)) ?? 0) + share)
  }
  return [...shares].map(([text, share]) => ({ text, confidence: Math.min(1, Math.round(share * 1000) / 1000) }))
}

/** A longer text: a caption, the size and the names of the colours. */
export const description = (image: Image, caption: string): string => {
  const names = tags(image).map(({ text }) => text)
  return `${caption}; ${image.width} × ${image.height} pixels; colours: ${names.join(", ")}`
}

const meanAndSpread = (values: ReadonlyArray<number>): readonly [mean: number, spread: number] => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)]
}

/** A score from 0 to 10: the colourfulness of the picture (Hasler and Süsstrunk 2003), where 100 is extreme. */
export const aesthetic = (image: Image): number => {
  const all = rowsOf(image).flat()
  const [redGreen, redGreenSpread] = meanAndSpread(all.map(([red, green]) => red - green))
  const [yellowBlue, yellowBlueSpread] = meanAndSpread(all.map(([red, green, blue]) => (red + green) / 2 - blue))
  const spread = Math.hypot(redGreenSpread, yellowBlueSpread)
  return Math.min(10, Math.round(spread * 10 + Math.hypot(redGreen, yellowBlue) * 3) / 100)
}

/** The picture as SVG: a grid of rectangles in the colours of its parts. */
export const svg = (image: Image): string => {
  const cells = pixels(image, 16, 16).flatMap((row, y) =>
    row.map((pixel, x) => `<rect x="${x}" y="${y}" width="1" height="1" fill="${hex(pixel)}"/>`)
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${cells.join("")}</svg>`
}
