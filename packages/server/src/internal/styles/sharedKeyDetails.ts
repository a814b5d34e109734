/**
 * A shared key as replies show it: alone, or as a part of a style.
 */
import { rfc822 } from "../state/rfc822.js"
import type { SharedKey } from "../state/sharedKey.js"

export const details = (key: SharedKey): Readonly<Record<string, unknown>> => ({
  id: key.id,
  username: key.owner.username,
  ...(key.name === undefined ? {} : { name: key.name }),
  kudos: key.kudos,
  ...(key.expiresAt === undefined ? {} : { expiry: rfc822(key.expiresAt) }),
  utilized: key.utilized,
  max_image_pixels: key.maxImagePixels,
  max_image_steps: key.maxImageSteps,
  max_text_tokens: key.maxTextTokens
})
