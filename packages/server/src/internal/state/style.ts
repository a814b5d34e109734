/**
 * Styles: prompts, parameters and models that a request can name; and collections of them.
 */
import type { User } from "./account.js"
import type { ModelKind } from "./kind.js"

/** A field of a request that replaces a placeholder of the prompt. Newer servers only. */
export interface TemplateField {
  readonly name: string
  readonly description?: string
  readonly required?: boolean
}

/** The parameters that requests may set over those of the style. Newer servers only. */
export interface ParameterPolicy {
  readonly override?: "none" | "listed" | "all"
  readonly overridable?: ReadonlyArray<string>
  /** The highest values that requests may set. */
  readonly ceilings?: Readonly<Record<string, number>>
}

/** The part of a style that its owner writes. */
export interface StyleContent {
  readonly name: string
  readonly info: string | undefined
  /** Has the placeholder `{p}` for the prompt of a request and, for images, `{np}` for the negative one. */
  readonly prompt: string
  readonly params: Readonly<Record<string, unknown>>
  readonly isPublic: boolean
  readonly nsfw: boolean
  readonly tags: ReadonlyArray<string>
  readonly models: ReadonlyArray<string>
  /** The shared key that may only be used with this style. */
  readonly sharedKeyId: string | undefined
  readonly templateFields: ReadonlyArray<TemplateField> | undefined
  readonly parameterPolicy: ParameterPolicy | undefined
}

/** A picture that shows what a style does. */
export interface StyleExample {
  readonly id: string
  url: string
  primary: boolean
}

export interface Style {
  readonly id: string
  readonly type: ModelKind
  readonly owner: User
  content: StyleContent
  readonly examples: Map<string, StyleExample>
  useCount: number
}

/** A collection of styles of one type. The real server drops the text that describes it. */
export interface Collection {
  readonly id: string
  readonly type: ModelKind
  readonly owner: User
  name: string
  isPublic: boolean
  /** The ids of its styles; deleted styles are ignored. */
  styleIds: ReadonlyArray<string>
  useCount: number
}

/** The name of a style with that of its owner: `owner#1::style::oil painting`. */
export const fullName = ({ content, owner }: Style): string => `${owner.username}::style::${content.name}`

/** The styles of a collection that have not been deleted. */
export const stylesOf = (
  { styles }: { readonly styles: ReadonlyMap<string, Style> },
  { styleIds }: Collection
): ReadonlyArray<Style> => styleIds.flatMap((id) => styles.get(id) ?? [])
