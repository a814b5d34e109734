/**
 * A type of styles as a value: the rules in which image styles and text styles differ.
 */
import type { ModelKind } from "../state/kind.js"
import type { StyleContent } from "../state/style.js"
import type { World } from "../state/world.js"
import type { StyleChecks } from "./schema.js"

type Fields = Readonly<Record<string, unknown>>

export interface StyleKind {
  readonly type: ModelKind
  readonly checks: StyleChecks
  readonly defaultPrompt: string
  /** The placeholders that the prompt must have. */
  readonly placeholders: ReadonlyArray<string>
  /** Refuses parameters that no request of this kind may have. */
  readonly checkParams: (world: World, content: StyleContent) => void
  /** The parameters as replies show them. */
  readonly shownParams: (params: Fields) => Fields
  readonly hasExamples: boolean
}
