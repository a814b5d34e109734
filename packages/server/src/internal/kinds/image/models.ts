/**
 * Known models and their families. The real server reads both from a published model reference; here the family is
 * derived from the name, and the list contains the best-known names.
 */
import { strip } from "../../python/values.js"
import type { User } from "../../state/account.js"
import type { World } from "../../state/world.js"

export type Family = "sd1" | "sd2" | "sdxl" | "cascade" | "flux" | "z-image" | "qwen"

const families: ReadonlyArray<readonly [RegExp, Family]> = [
  [/qwen/i, "qwen"],
  [/flux/i, "flux"],
  [/z-image/i, "z-image"],
  [/cascade/i, "cascade"],
  [/xl|pony|illustrious/i, "sdxl"],
  [/stable[ _]diffusion[ _]2/i, "sd2"]
]

export const familyOf = (model: string): Family => families.find(([name]) => name.test(model))?.[1] ?? "sd1"

export const isAnyOf = (models: ReadonlyArray<string>, ...among: ReadonlyArray<Family>): boolean =>
  models.some((model) => among.includes(familyOf(model)))

const published: ReadonlySet<string> = new Set([
  "stable_diffusion",
  "stable_diffusion_2.1",
  "stable_diffusion_inpainting",
  "Stable Diffusion 2 Depth",
  "SDXL 1.0",
  "Stable Cascade 1.0",
  "AbsoluteReality",
  "AlbedoBase XL (SDXL)",
  "AlbedoBase XL 3.1",
  "AMPonyXL",
  "Analog Madness",
  "Anything Diffusion",
  "Anything v5",
  "BB95 Furry Mix",
  "Cetus-Mix",
  "ChilloutMix",
  "Counterfeit",
  "CyberRealistic",
  "CyberRealistic Pony",
  "Deliberate",
  "Deliberate 3.0",
  "Dreamshaper",
  "DreamShaper XL",
  "DucHaiten",
  "Edge Of Realism",
  "Epic Diffusion",
  "Flux.1-Schnell fp16 (Compact)",
  "Flux.1-Schnell fp8 (Compact)",
  "Fustercluck",
  "GhostMix",
  "Hassanblend",
  "ICBINP - I Can't Believe It's Not Photography",
  "ICBINP XL",
  "Juggernaut XL",
  "MeinaMix",
  "NatViS",
  "Nova Anime XL",
  "Nova Furry XL",
  "NTR MIX IL-Noob XL",
  "OpenJourney Diffusion",
  "Papercut Diffusion",
  "pix2pix",
  "Pony Diffusion XL",
  "Project Unreal Engine 5",
  "Protogen Diffusion",
  "Qwen-Image_fp8",
  "Realistic Vision",
  "Rev Animated",
  "RPG",
  "Sci-Fi Diffusion",
  "ToonYou",
  "Unstable Diffusers XL",
  "URPM",
  "Vector Art",
  "WAI-NSFW-illustrious-SDXL",
  "waifu_diffusion",
  "Z-Image-Turbo"
])

/** Whether the model reference has the model. */
export const isPublished = (model: string): boolean => published.has(model)

/** Filters the models that an external worker offers: known ones, or any if its owner is a customizer. */
export const accepted = (world: World, owner: User, offered: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isKnown = (model: string): boolean =>
    isPublished(model) ||
    world.image.workers.some(({ models, routine }) => routine !== undefined && models.includes(model))
  const names = offered.map(strip)
  return owner.roles.has("customizer") ? names : names.filter(isKnown)
}
