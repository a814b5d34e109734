/**
 * Finds styles and collections by their ids and names. A name can be preceded by the username of its owner, by `style`
 * or `collection`, or by both: `owner#1::style::oil painting`.
 */

import * as Python from "../python/values.js"
import type { User } from "../state/account.js"
import type { ModelKind } from "../state/kind.js"
import type { Collection, Style } from "../state/style.js"
import type { World } from "../state/world.js"

interface Reference {
  readonly owner: string | undefined
  readonly of: string | undefined
  readonly name: string
}

const kinds: ReadonlyArray<string> = ["style", "collection"]

const parse = (reference: string): Reference => {
  const segments = reference.split("::")
  const name = segments.pop() ?? ""
  const of = kinds.includes(segments.at(-1) ?? "") ? segments.pop() : undefined
  return { owner: segments.pop(), of, name }
}

const isOf = ({ owner }: Reference, { username }: User): boolean => owner === undefined || owner === username

/** The oldest style with this name, of this type if there is one. */
export const styleByName = (world: World, name: string, type: ModelKind): Style | undefined => {
  const reference = parse(name)
  if (reference.of === "collection") return undefined
  const named = [...world.styles.values()].filter(
    ({ content, owner }) => content.name === reference.name && isOf(reference, owner)
  )
  return named.find((style) => style.type === type) ?? named[0]
}

export const collectionByName = (world: World, name: string): Collection | undefined => {
  const reference = parse(name)
  if (reference.of === "style") return undefined
  return [...world.collections.values()].find(
    (collection) => collection.name === reference.name && isOf(reference, collection.owner)
  )
}

export const styleById = (world: World, id: string): Style | undefined => world.styles.get(Python.uuid(id) ?? "")

export const collectionById = (world: World, id: string): Collection | undefined =>
  world.collections.get(Python.uuid(id) ?? "")
