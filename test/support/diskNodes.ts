/** The contents of `disk.ts`: files and directories, each with the part that would survive a power cut. */
import { SystemError, type SystemErrorReason } from "@effect/platform/Error"

export interface FileNode {
  readonly kind: "File"
  readonly number: number
  mode: number
  data: Uint8Array
  size: number
  synced: { readonly data: Uint8Array; readonly size: number }
}

export interface DirectoryNode {
  readonly kind: "Directory"
  readonly number: number
  mode: number
  entries: Map<string, Node>
  synced: ReadonlyMap<string, Node>
}

export type Node = FileNode | DirectoryNode

const nothing = new Uint8Array(0)

let numbers = 0

export const newFile = (mode: number): FileNode => ({
  kind: "File",
  number: ++numbers,
  mode,
  data: nothing,
  size: 0,
  synced: { data: nothing, size: 0 }
})

export const newDirectory = (mode: number): DirectoryNode => ({
  kind: "Directory",
  number: ++numbers,
  mode,
  entries: new Map(),
  synced: new Map()
})

/** Fails as a platform's own file system does. */
export const refuse = (reason: SystemErrorReason, method: string, path: string, description: string): never => {
  throw new SystemError({ module: "FileSystem", reason, method, pathOrDescriptor: path, description })
}

/** The contents of a file. */
export const bytesOf = (file: FileNode): Uint8Array => file.data.slice(0, file.size)

/** Writes bytes at a position in a file. Synced data shares its memory with the present data until that changes. */
export const putBytes = (file: FileNode, at: number, bytes: Uint8Array): void => {
  const end = at + bytes.length
  const overwrites = at < file.synced.size && file.synced.data === file.data
  if (end > file.data.length || overwrites) {
    const larger = new Uint8Array(Math.max(end, file.data.length * 2, 64))
    larger.set(file.data.subarray(0, file.size))
    file.data = larger
  }
  file.data.set(bytes, at)
  file.size = Math.max(file.size, end)
}

export const cutTo = (file: FileNode, length: number): void => {
  if (length > file.size) return putBytes(file, file.size, new Uint8Array(length - file.size))
  if (file.synced.data === file.data && length < file.synced.size) file.data = file.data.slice()
  file.size = length
}

export const sync = (node: Node): void => {
  if (node.kind === "File") node.synced = { data: node.data, size: node.size }
  else node.synced = new Map(node.entries)
}

/**
 * Discards all that was not synced. With `chance` (0 to 1, drawn for each item), some of it has reached the disk all
 * the same, in any order: the tail of a file in part, and the state of each name; a rename happens completely or not at
 * all.
 */
export const losePower = (node: Node, chance: () => number, seen = new Set<Node>()): void => {
  if (seen.has(node)) return
  seen.add(node)
  if (node.kind === "File") {
    const { data, size } = node.synced
    const grown = node.data.subarray(0, size).every((byte, at) => byte === data[at])
    if (grown && node.size > size) node.size = size + Math.floor(chance() * (node.size - size + 1))
    else if (chance() < 0.5) Object.assign(node, { data, size })
    sync(node)
    return
  }
  const { entries, synced } = node
  const draws = new Map<Node, boolean>()
  const happened = (of: Node) => draws.get(of) ?? (draws.set(of, chance() >= 0.5).get(of) as boolean)
  const stayed = new Set(entries.values())
  const kept = new Map<string, Node>()
  for (const [name, entry] of synced) {
    // a name passes from one file to another in one step, as a file passes from one name to another
    const undoneBy = stayed.has(entry) ? entry : (entries.get(name) ?? entry)
    if (entries.get(name) === entry || !happened(undoneBy)) kept.set(name, entry)
  }
  for (const [name, entry] of entries) if (synced.get(name) !== entry && happened(entry)) kept.set(name, entry)
  node.entries = kept
  sync(node)
  for (const entry of kept.values()) losePower(entry, chance, seen)
}
