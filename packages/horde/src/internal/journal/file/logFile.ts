/**
 * The format of a journal's files and of their names.
 *
 * A file is named `<owner>.jsonl` while its owner uses it, and `<owner>.taken-by-<other>` once another owner has claimed
 * it. The claims form trees: the owner at the root owns all files below it. So one rename, of the root, claims a whole
 * tree, even if an owner crashed while it merged the claimed files.
 */
import * as Either from "effect/Either"
import { decode, type Entry, type EntryKey, encode, type State } from "../../../JobJournal.js"
import { fingerprint } from "../fingerprint.js"

const checked = (json: string): string => `${fingerprint(json)} ${json}`

const line = (json: string): string => `${checked(json)}\n`

export const entryLine = (entry: Entry): string => line(encode(entry))

const beat = '{"version":1,"sign":"beat"}'
const left = '{"version":1,"sign":"left"}'
const signals = new Set([checked(beat), checked(left)])

export const beatLine = line(beat)

/** The last line of an owner that released its entries. */
export const leftLine = line(left)

export interface Contents {
  /** The last state of each entry. */
  readonly entries: ReadonlyMap<EntryKey, Entry>
  readonly newer: number
  readonly unreadable: number
}

export const read = (text: string): Contents => {
  const entries = new Map<EntryKey, Entry>()
  let newer = 0
  let unreadable = 0
  for (const record of text.split("\n")) {
    if (record === "" || signals.has(record)) continue
    const json = record.slice(17)
    const decoded = record === checked(json) ? decode(json) : Either.left("unreadable" as const)
    if (Either.isRight(decoded)) entries.set(decoded.right.key, decoded.right)
    else if (decoded.left === "newer") newer++
    else unreadable++
  }
  return { entries, newer, unreadable }
}

const order: Record<State, number> = { intent: 0, live: 1, finished: 2, delivered: 3, cancelled: 3 }

/**
 * Adds an entry from another file. If the known entry of the same job is in the same state or a later one, it is kept,
 * so that it is not written again.
 */
export const merge = (into: Map<EntryKey, Entry>, entry: Entry): void => {
  const known = into.get(entry.key)
  if (known === undefined || order[known.state] < order[entry.state]) into.set(entry.key, entry)
}

/** The parsed name of a journal file. */
export interface Named {
  readonly name: string
  readonly owner: string
  readonly takenBy: string | undefined
}

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
const pattern = new RegExp(`^(${uuid})\\.(?:jsonl|taken-by-(${uuid}))$`)

export const ownName = (owner: string): string => `${owner}.jsonl`

export const takenName = (owner: string, by: string): string => `${owner}.taken-by-${by}`

/** The journal files among the names in a directory. */
export const named = (names: ReadonlyArray<string>): ReadonlyArray<Named> =>
  names.flatMap((name) => {
    const [, owner, takenBy] = pattern.exec(name) ?? []
    return owner === undefined ? [] : [{ name, owner, takenBy }]
  })

/** The files that are not claimed. The claim of an owner without a file of its own is void. */
export const rootsOf = (files: ReadonlyArray<Named>): ReadonlyArray<Named> => {
  const owners = new Set(files.map(({ owner }) => owner))
  return files.filter(({ takenBy }) => takenBy === undefined || !owners.has(takenBy))
}

/** The files below an owner's file, in levels: each level was claimed by the owners of the level before. */
export const levelsUnder = (files: ReadonlyArray<Named>, owner: string): ReadonlyArray<ReadonlyArray<Named>> => {
  const levels: Array<ReadonlyArray<Named>> = []
  let above = new Set([owner])
  // manually renamed files may form a cycle
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
