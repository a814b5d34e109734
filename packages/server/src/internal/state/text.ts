/**
 * The data of text jobs.
 */
import type { Abilities, Types } from "./kind.js"
import type { TextRequest } from "./textRequest.js"

export interface TextAbilities extends Abilities {
  readonly maxLength: number
  readonly maxContextLength: number
}

export interface Text extends Types {
  readonly request: TextRequest
  readonly result: string
  readonly abilities: TextAbilities
}
