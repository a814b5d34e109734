/**
 * The data of alchemy jobs: each form of a request is a part of its job.
 */
import type { Abilities, JobRequest, Types } from "./kind.js"

/** The failures of a form after which it is not offered again. */
export const maxFormFailures = 4

/** One piece of work on the source image. */
export interface AlchemyForm {
  /** The id for workers. It is the same in every attempt. */
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, string>> | undefined
}

export interface AlchemyRequest extends JobRequest {
  readonly forms: ReadonlyArray<AlchemyForm>
  /** A link, or base64. */
  readonly sourceImage: string
}

export interface AlchemyAbilities extends Abilities {
  readonly forms: ReadonlyArray<string>
}

export interface Alchemy extends Types {
  readonly request: AlchemyRequest
  readonly result: Readonly<Record<string, unknown>>
  readonly abilities: AlchemyAbilities
}
