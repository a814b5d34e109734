/**
 * Arguments in the query of a URL.
 */
import * as Python from "../python/values.js"
import { refuseFields, refuseRequest } from "../state/refusal.js"
import type { Incoming } from "./incoming.js"

/** The first value of an argument; undefined if it is absent. */
export const queryText = ({ query }: Incoming, name: string): string | undefined =>
  new URLSearchParams(query).get(name) ?? undefined

export const queryWhole = (incoming: Incoming, name: string): number | undefined => {
  const value = queryText(incoming, name)
  if (value === undefined) return undefined
  return Python.int(value) ?? refuseFields({ [name]: "This argument could not be read as a whole number" })
}

/** All values of an argument that may be given several times. */
export const queryList = ({ query }: Incoming, name: string): ReadonlyArray<string> =>
  new URLSearchParams(query).getAll(name)

/** An argument with a set of values; `otherwise` if it is absent. */
export const queryChoice = <A extends string>(
  incoming: Incoming,
  name: string,
  values: ReadonlyArray<A>,
  otherwise: NoInfer<A>
): A => {
  const given = queryText(incoming, name) ?? otherwise
  return values.find((value) => value === given) ?? refuseRequest(`${name} must be one of ${values}`)
}
