/**
 * Renders landscapes: a sky, a sun, clouds, and ridges that fade with distance. The bytes depend on the prompt, the
 * seed and the size only. The file contains a description of the landscape.
 */
import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas"
import * as Hash from "effect/Hash"
import { PCGRandom } from "effect/Utils"
import { nameOfHue } from "../vision/colours.js"
import { withDescription } from "./description.js"

interface Subject {
  readonly prompt: string
  readonly seed: number
  readonly width: number
  readonly height: number
}

interface Brush {
  readonly context: SKRSContext2D
  readonly random: PCGRandom
  readonly width: number
  readonly height: number
  /** The base hue in degrees. */
  readonly hue: number
}

/** Base hues that suit a sky. */
const hues = [196, 214, 232, 262, 292, 322, 346, 12, 28]

const colour = (hue: number, saturation: number, lightness: number, alpha = 1): string =>
  `hsla(${Math.round(((hue % 360) + 360) % 360)}, ${saturation}%, ${lightness}%, ${alpha})`

const between = (random: PCGRandom, low: number, high: number): number => low + random.number() * (high - low)

const sky = ({ context, height, hue, width }: Brush): void => {
  const gradient = context.createLinearGradient(0, 0, 0, height)
  gradient.addColorStop(0, colour(hue + 30, 55, 22))
  gradient.addColorStop(0.45, colour(hue, 52, 54))
  gradient.addColorStop(0.75, colour(hue - 35, 80, 74))
  gradient.addColorStop(1, colour(hue - 50, 85, 84))
  context.fillStyle = gradient
  context.fillRect(0, 0, width, height)
}

const stars = ({ context, height, random, width }: Brush): void => {
  const unit = Math.min(width, height)
  for (let star = 0; star < 70; star++) {
    const x = random.number() * width
    const y = random.number() ** 1.6 * height * 0.55
    context.fillStyle = `rgba(255, 255, 255, ${(between(random, 0.1, 0.75) * (1 - y / height)).toFixed(3)})`
    context.beginPath()
    context.arc(x, y, between(random, 0.0006, 0.0022) * unit, 0, Math.PI * 2)
    context.fill()
  }
}

/** Paints the sun. Returns its place from left to right, from 0 to 1. */
const sun = ({ context, height, random, width }: Brush): number => {
  const unit = Math.min(width, height)
  const x = between(random, 0.22, 0.78) * width
  const y = between(random, 0.22, 0.48) * height
  const radius = between(random, 0.07, 0.14) * unit
  const glow = context.createRadialGradient(x, y, radius * 0.6, x, y, radius * 5)
  glow.addColorStop(0, colour(48, 100, 90, 0.75))
  glow.addColorStop(0.3, colour(42, 95, 80, 0.25))
  glow.addColorStop(1, colour(36, 90, 72, 0))
  context.fillStyle = glow
  context.fillRect(0, 0, width, height)
  const disc = context.createLinearGradient(0, y - radius, 0, y + radius)
  disc.addColorStop(0, colour(52, 100, 95))
  disc.addColorStop(1, colour(38, 96, 80))
  context.fillStyle = disc
  context.beginPath()
  context.arc(x, y, radius, 0, Math.PI * 2)
  context.fill()
  return x / width
}

const clouds = ({ context, height, hue, random, width }: Brush): void => {
  for (let cloud = 0; cloud < 6; cloud++) {
    const y = between(random, 0.12, 0.6) * height
    const left = between(random, -0.2, 0.8) * width
    const length = between(random, 0.25, 0.6) * width
    const mist = context.createLinearGradient(left, 0, left + length, 0)
    mist.addColorStop(0, colour(hue - 30, 70, 92, 0))
    mist.addColorStop(0.5, colour(hue - 30, 70, 92, 0.22))
    mist.addColorStop(1, colour(hue - 30, 70, 92, 0))
    context.fillStyle = mist
    context.beginPath()
    context.ellipse(left + length / 2, y, length / 2, between(random, 0.006, 0.018) * height, 0, 0, Math.PI * 2)
    context.fill()
  }
}

/** A ridge: a sum of sine waves, those of higher frequency with a lower amplitude. */
const ridge = ({ context, height, hue, random, width }: Brush, nearness: number): void => {
  const waves = [1, 2.3, 5.1, 11.7].map((frequency) => ({
    frequency: frequency * between(random, 0.7, 1.3) * (1.6 - nearness * 0.6),
    phase: random.number() * Math.PI * 2,
    depth: (0.085 / frequency ** 0.85) * height
  }))
  const base = (0.5 + nearness * 0.42) * height
  const step = Math.max(1, width / 256)
  context.beginPath()
  context.moveTo(0, height)
  for (let x = 0; x <= width + step; x += step) {
    const offset = waves.reduce(
      (sum, { depth, frequency, phase }) => sum + depth * Math.sin((x / width) * frequency * Math.PI * 2 + phase),
      0
    )
    context.lineTo(x, base + offset)
  }
  context.lineTo(width + step, height)
  context.closePath()
  const slope = context.createLinearGradient(0, base - 0.12 * height, 0, height)
  slope.addColorStop(0, colour(hue + 20 + nearness * 25, 30 + nearness * 18, 66 - nearness * 50))
  slope.addColorStop(1, colour(hue - 10 + nearness * 30, 34 + nearness * 16, 76 - nearness * 66))
  context.fillStyle = slope
  context.fill()
}

const side = (place: number): string => (place < 0.4 ? "on the left" : place > 0.6 ? "on the right" : "in the middle")

/** Renders a lossy WebP picture with its description. */
export const paint = ({ height, prompt, seed, width }: Subject): Uint8Array => {
  const canvas = createCanvas(width, height)
  const random = new PCGRandom(Hash.string(prompt) >>> 0, Hash.string(`${prompt} ${seed}`) >>> 0)
  const hue = (hues[Math.floor(random.number() * hues.length)] ?? 0) + between(random, -12, 12)
  const brush: Brush = { context: canvas.getContext("2d"), random, width, height, hue }
  sky(brush)
  stars(brush)
  const place = sun(brush)
  clouds(brush)
  const ridges = 4 + Math.floor(random.number() * 3)
  for (let index = 0; index < ridges; index++) ridge(brush, index / (ridges - 1))
  const description = `a landscape with ${ridges} ridges under a ${nameOfHue(hue)} sky, the sun ${side(place)}`
  return withDescription(canvas.encodeSync("webp", 82), description)
}
