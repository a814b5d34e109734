/**
 * A shared key: a budget on its owner's account.
 */
import type { User } from "./account.js"

export interface SharedKey {
  readonly id: string
  readonly owner: User
  name: string | undefined
  /** The remaining budget in kudos; -1 is unlimited. */
  kudos: number
  utilized: number
  expiresAt: number | undefined
  maxImagePixels: number
  maxImageSteps: number
  maxTextTokens: number
}
