/**
 * The text of a journal's files, and what their names say.
 *
 * A file is named `<owner>.jsonl` while its owner lives by it, and `<owner>.taken-by-<other>` once another has claimed
 * it. The claims make trees: whoever is at the root owns all that hangs on it. So one rename, of the root, passes a
 * whole tree on, also where it was left by a taker that crashed half-way.
 */
import * as Either from "effect/Either"
import { decode, type Entry, type EntryKey, encode, type State } from "../../../JobJournal.js"
import { markOf } from "../fingerprint.js"

const marked = (json: string): string => `${markOf(json)} ${json}`

const line = (json: string): string => `${marked(json)}\n`

export const entryLine = (entry: Entry): string => line(encode(entry))

const beat = '{"version":1,"sign":"beat"}'
const left = '{"version":1,"sign":"left"}'
const signs = new Set([marked(beat), marked(left)])

/** A sign of life. */
export const beatLine = line(beat)

/** The last line of an owner that left in good order. */
export const leftLine = line(left)

export interface Contents {
  /** Each entry as it stood last. */
  readonly entries: ReadonlyMap<EntryKey, Entry>
  readonly newer: number
  readonly unreadable: number
}

export const read = (text: string): Contents => {
  const entries = new Map<EntryKey, Entry>()
  let newer = 0
  let unreadable = 0
  for (const record of text.split("\n")) {
    if (record === "" || signs.has(record)) continue
    const json = record.slice(17)
    const decoded = record === marked(json) ? decode(json) : Either.left("unreadable" as const)
    if (Either.isRight(decoded)) entries.set(decoded.right.key, decoded.right)
    else if (decoded.left === "newer") newer++
    else unreadable++
  }
  return { entries, newer, unreadable }
}

const order: Record<State, number> = { intent: 0, live: 1, finished: 2, delivered: 3, cancelled: 3 }

/**
 * Adds an entry from another file, unless the one that is known of the same job is further on, or as far: then the known
 * one stays, so that nothing is written anew that says nothing new.
 */
export const merge = (into: Map<EntryKey, Entry>, entry: Entry): void => {
  const known = into.get(entry.key)
  if (known === undefined || order[known.state] < order[entry.state]) into.set(entry.key, entry)
}

/** A file of a journal, by its name. */
export interface Named {
  readonly name: string
  readonly owner: string
  readonly takenBy: string | undefined
}

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
const pattern = new RegExp(`^(${uuid})\\.(?:jsonl|taken-by-(${uuid}))$`)

export const ownName = (owner: string): string => `${owner}.jsonl`

export const takenName = (owner: string, by: string): string => `${owner}.taken-by-${by}`

/** The files of a journal among what lies in a directory. */
export const named = (names: ReadonlyArray<string>): ReadonlyArray<Named> =>
  names.flatMap((name) => {
    const [, owner, takenBy] = pattern.exec(name) ?? []
    return owner === undefined ? [] : [{ name, owner, takenBy }]
  })

/** The files that nobody holds a claim on. A claim of one who has no file himself is void. */
export const rootsOf = (files: ReadonlyArray<Named>): ReadonlyArray<Named> => {
  const owners = new Set(files.map(({ owner }) => owner))
  return files.filter(({ takenBy }) => takenBy === undefined || !owners.has(takenBy))
}

/** What hangs on an owner's file: in levels, those that were claimed by those of the level before. */
export const levelsUnder = (files: ReadonlyArray<Named>, owner: string): ReadonlyArray<ReadonlyArray<Named>> => {
  const levels: Array<ReadonlyArray<Named>> = []
  let above = new Set([owner])
  // names that were made by hand may claim each other in a circle
  let left = files
  while (above.size > 0) {
    const isClaimed = ({ takenBy }: Named) => takenBy !== undefined && above.has(takenBy)
    const level = left.filter(isClaimed)
    left = left.filter((file) => !isClaimed(file))
    if (level.length > 0) levels.push(level)
    above = new Set(level.map((file) => file.owner))
  }
  return levels
}
