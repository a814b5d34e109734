/**
 * The filters of prompts. A change takes effect at the next full minute since the start: the real server applies
 * compiled copies, which it renews once a minute.
 */
import type { User } from "./account.js"

export interface PromptFilter {
  readonly id: number
  readonly author: User
  regex: string
  filterType: number
  description: string | undefined
  /** The text that replaces a match if a request allows that. */
  replacement: string
}

export interface Suspicion {
  /** How many of the two groups of filters match; a prompt that matches both is suspicious. */
  readonly level: number
  readonly matches: ReadonlyArray<string>
}

/** The filter types in use. One match per group counts. */
const groups: ReadonlyArray<ReadonlyArray<number>> = [[10, 11], [20]]

export const filterTypes: ReadonlyArray<number> = groups.flat()

/** The level from which on a prompt is refused. */
export const suspiciousLevel = 2

const minute = 60_000

interface Compiled {
  readonly filterType: number
  readonly regex: string
  readonly pattern: RegExp
  readonly replacement: string
}

/** A regular expression that JavaScript cannot read never matches. */
const compile = ({ filterType, regex, replacement }: PromptFilter): ReadonlyArray<Compiled> => {
  try {
    return [{ filterType, regex, pattern: new RegExp(regex, "gi"), replacement }]
  } catch {
    return []
  }
}

/** Only the text before `###` is filtered: the rest is the negative prompt. */
const splitPrompt = (prompt: string): readonly [positive: string, rest: string] => {
  const at = prompt.indexOf("###")
  return at === -1 ? [prompt, ""] : [prompt.slice(0, at), prompt.slice(at)]
}

export class PromptFilters {
  private readonly filters = new Map<number, PromptFilter>()
  private compiled: ReadonlyArray<Compiled> = []
  private compiledAt: number
  private created = 0

  constructor(now: number) {
    this.compiledAt = now
  }

  get all(): ReadonlyArray<PromptFilter> {
    return [...this.filters.values()]
  }

  find(id: number): PromptFilter | undefined {
    return this.filters.get(id)
  }

  add(filter: Omit<PromptFilter, "id">, now: number): PromptFilter {
    this.renew(now)
    const added = { id: ++this.created, ...filter }
    this.filters.set(added.id, added)
    return added
  }

  modify(filter: PromptFilter, changes: Partial<Omit<PromptFilter, "id" | "author">>, now: number): void {
    this.renew(now)
    Object.assign(filter, changes)
  }

  delete(filter: PromptFilter, now: number): void {
    this.renew(now)
    this.filters.delete(filter.id)
  }

  /** The regular expression in effect for a type: all filters of the type as alternatives. */
  regexOf(filterType: number, now: number): string | undefined {
    this.renew(now)
    const regexes = this.compiled.filter((filter) => filter.filterType === filterType).map(({ regex }) => regex)
    return regexes.length === 0 ? undefined : regexes.join("|")
  }

  /** Matches a prompt against the filters of all types, or of one. */
  suspicionOf(prompt: string, now: number, onlyType?: number): Suspicion {
    this.renew(now)
    const [positive] = splitPrompt(prompt)
    const matches = groups.flatMap((group) => {
      const found = this.compiled
        .filter(({ filterType }) => group.includes(filterType) && (onlyType ?? filterType) === filterType)
        .flatMap(({ pattern }) => positive.match(pattern) ?? [])
      return found.slice(0, 1)
    })
    return { level: matches.length, matches }
  }

  /** The prompt with all matches replaced; undefined if nothing remains. */
  replace(prompt: string, now: number): string | undefined {
    this.renew(now)
    const [positive, rest] = splitPrompt(prompt)
    const replaced = this.compiled
      .filter(({ filterType }) => filterTypes.includes(filterType))
      .reduce((text, { pattern, replacement }) => text.replace(pattern, () => replacement), positive)
    return replaced.trim() === "" ? undefined : replaced + rest
  }

  /** Compiles the filters as they were at the last full minute. Every change calls it first. */
  private renew(now: number): void {
    const minutes = Math.floor((now - this.compiledAt) / minute)
    if (minutes === 0) return
    this.compiledAt += minutes * minute
    this.compiled = this.all.flatMap(compile)
  }
}
