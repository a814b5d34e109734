/**
 * Lists of styles and of collections: the public ones, a page at a time.
 */
import type { Incoming } from "../http/incoming.js"
import { queryChoice, queryWhole } from "../http/query.js"

const pageSize = 25

/**
 * A page of the items, which are in the order of their creation. Like on the real server, the number of a page is the
 * number of items to skip: page 2 starts with the second item.
 */
export const page = <A extends { readonly useCount: number }>(
  incoming: Incoming,
  items: ReadonlyArray<A>
): ReadonlyArray<A> => {
  const sort = queryChoice(incoming, "sort", ["popular", "age"], "popular")
  const skipped = Math.max(0, (queryWhole(incoming, "page") ?? 1) - 1)
  const sorted = sort === "age" ? [...items].reverse() : [...items].sort((a, b) => b.useCount - a.useCount)
  return sorted.slice(skipped, skipped + pageSize)
}
