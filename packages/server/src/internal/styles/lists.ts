/**
 * Lists of styles and of collections: the public ones, a page at a time.
 */
import type { Incoming } from "../http/incoming.js"
import { queryText, queryWhole } from "../http/query.js"
import { refuse } from "../state/refusal.js"

const pageSize = 25

/** An argument of the query with a set of values. */
export const choice = <A extends string>(incoming: Incoming, name: string, values: readonly [A, ...Array<A>]): A => {
  const given = queryText(incoming, name)
  if (given === undefined) return values[0]
  return values.find((value) => value === given) ?? refuse(400, "BadRequest", `${name} must be one of ${values}`)
}

/**
 * A page of the items, which are in the order of their creation. Like on the real server, the number of a page is the
 * number of items to skip: page 2 starts with the second item.
 */
export const page = <A extends { readonly useCount: number }>(
  incoming: Incoming,
  items: ReadonlyArray<A>
): ReadonlyArray<A> => {
  const sort = choice(incoming, "sort", ["popular", "age"])
  const skipped = Math.max(0, (queryWhole(incoming, "page") ?? 1) - 1)
  const sorted = sort === "age" ? [...items].reverse() : [...items].sort((a, b) => b.useCount - a.useCount)
  return sorted.slice(skipped, skipped + pageSize)
}
